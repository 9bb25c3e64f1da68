{{ config(materialized='table') }}

-- Refunds and disputes: money of one payment that went back. A table: each of them is looked up
-- among all charges, and their shares are made of them several times.
with adjustments as (
    select
        refund_id as adjustment_id,
        'refund' as adjustment_type,
        created_at as adjusted_at,
        charge_id,
        payment_intent_id,
        currency,
        amount_minor,
        is_counted,
        was_counted
    from {{ ref('stg_stripe__refunds') }} as refunds
    cross join {{ ref('int_readable_resources') }} as readable
    where
        readable.refunds
        and not is_deleted
        and not exists (
            select 1
            from {{ ref('int_released_authorizations') }} as releases
            where releases.refund_id = refunds.refund_id
        )

    union all

    select
        dispute_id as adjustment_id,
        'dispute' as adjustment_type,
        created_at as adjusted_at,
        charge_id,
        payment_intent_id,
        currency,
        amount_minor,
        is_counted,
        was_counted
    from {{ ref('stg_stripe__disputes') }}
    cross join {{ ref('int_readable_resources') }} as readable
    where readable.disputes and not is_deleted
)

select
    adjustments.adjustment_id,
    adjustments.adjustment_type,
    adjustments.adjusted_at,
    adjustments.charge_id,
    coalesce(adjustments.payment_intent_id, charges.payment_intent_id) as payment_intent_id,
    adjustments.currency,
    adjustments.amount_minor,
    adjustments.is_counted
from adjustments
cross join {{ ref('run_clock') }} as clock
left join {{ ref('stg_stripe__charges') }} as charges
    on adjustments.charge_id = charges.charge_id
where
    adjustments.was_counted
    and adjustments.amount_minor > 0
    and adjustments.adjusted_at <= clock.as_of
