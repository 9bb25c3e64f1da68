-- Refunds that gave nothing back. Until 2025-03, and to this day for who captures through an older
-- API version, Stripe recorded a partial capture as a refund of what it released of the authorised
-- amount: the charge's first refund, of exactly what wasn't captured. A charge that is refunded in
-- full, and of no more than was captured, has none.
select refunds.refund_id
from {{ ref('stg_stripe__refunds') }} as refunds
inner join {{ ref('stg_stripe__charges') }} as charges
    on refunds.charge_id = charges.charge_id
where
    charges.amount_minor > charges.amount_captured_minor
    and charges.amount_refunded_minor >= charges.amount_minor - charges.amount_captured_minor
    and not (
        charges.is_refunded_in_full
        and charges.amount_refunded_minor <= charges.amount_captured_minor
    )
qualify
    row_number() over (
        partition by refunds.charge_id
        order by refunds.created_at, refunds.refund_id
    ) = 1
    and refunds.amount_minor = charges.amount_minor - charges.amount_captured_minor
