-- Each refund and dispute, divided over what its payment paid: one row per share. A payment that
-- pays several invoices shares by what each was paid, rounded down, the remainder on the last.
with invoice_shares as (
    {{ shares_of_invoices(ref('int_payment_adjustments'), 'adjustment_id') }}
),

payment_shares as (
    select
        adjustments.adjustment_id,
        payment_orders.order_id,
        adjustments.amount_minor as share_minor
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('int_orders') }} as payment_orders
        on adjustments.charge_id = payment_orders.order_id

    union all

    -- A refund may name its payment intent alone.
    select
        adjustments.adjustment_id,
        payment_orders.order_id,
        adjustments.amount_minor as share_minor
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('int_orders') }} as payment_orders
        on adjustments.payment_intent_id = payment_orders.payment_intent_id
    where adjustments.charge_id is null
)

select * from invoice_shares

union all

select * from payment_shares
