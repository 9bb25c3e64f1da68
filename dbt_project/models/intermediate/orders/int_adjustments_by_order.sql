-- What went back of each order: one row per adjustment and order. One that counted once and no
-- longer does (a failed refund) is here with is_counted false: the loyalty ledger remembers it.
-- An adjustment that names no currency is in its order's.
with shares as (
    select
        shares.adjustment_id,
        shares.order_id,
        adjustments.adjustment_type,
        adjustments.adjusted_at,
        adjustments.currency,
        adjustments.is_counted,
        shares.share_minor as amount_minor
    from {{ ref('int_adjustment_shares') }} as shares
    inner join {{ ref('int_payment_adjustments') }} as adjustments
        on shares.adjustment_id = adjustments.adjustment_id

    union all

    -- Money given back outside of Stripe. A credit note's refund is a refund already, and its
    -- credit to the balance lowers what a later invoice collects.
    select
        credit_notes.credit_note_id as adjustment_id,
        credit_notes.invoice_id as order_id,
        'credit_note' as adjustment_type,
        credit_notes.created_at as adjusted_at,
        credit_notes.currency,
        credit_notes.is_counted,
        credit_notes.out_of_band_amount_minor as amount_minor
    from {{ ref('stg_stripe__credit_notes') }} as credit_notes
    cross join {{ ref('run_clock') }} as clock
    cross join {{ ref('int_readable_resources') }} as readable
    where
        readable.credit_notes
        and not credit_notes.is_deleted
        and credit_notes.was_counted
        and credit_notes.created_at <= clock.as_of
)

select
    shares.adjustment_id,
    shares.order_id,
    orders.stripe_customer_id,
    shares.adjustment_type,
    shares.adjusted_at,
    coalesce(shares.currency, orders.currency) as currency,
    shares.is_counted,
    orders.currency as order_currency,
    orders.currency_exponent as order_currency_exponent,
    cast(sum(shares.amount_minor) as bigint) as amount_minor
from shares
-- A share of a payment that is no order is dropped.
inner join {{ ref('int_orders') }} as orders
    on shares.order_id = orders.order_id
where shares.amount_minor > 0
group by
    shares.adjustment_id,
    shares.order_id,
    orders.stripe_customer_id,
    shares.adjustment_type,
    shares.adjusted_at,
    coalesce(shares.currency, orders.currency),
    shares.is_counted,
    orders.currency,
    orders.currency_exponent
