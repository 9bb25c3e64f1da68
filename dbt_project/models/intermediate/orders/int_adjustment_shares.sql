-- Each refund and dispute, divided over what its payment paid: one row per share. A payment that
-- pays several invoices shares by what each was paid, rounded down, the remainder on the last.
with links as (
    select
        adjustments.adjustment_id,
        adjustments.amount_minor,
        links.link_id,
        links.invoice_id,
        links.amount_paid_minor,
        links.created_at
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('int_payment_links') }} as links
        on adjustments.charge_id = links.charge_id

    union

    select
        adjustments.adjustment_id,
        adjustments.amount_minor,
        links.link_id,
        links.invoice_id,
        links.amount_paid_minor,
        links.created_at
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('int_payment_links') }} as links
        on adjustments.payment_intent_id = links.payment_intent_id
),

weighed as (
    select
        *,
        sum(amount_paid_minor) over (partition by adjustment_id) as payment_minor,
        row_number() over (
            partition by adjustment_id
            order by created_at desc nulls last, link_id desc
        ) = 1 as is_last
    from links
),

rounded_down as (
    select
        adjustment_id,
        amount_minor,
        invoice_id,
        is_last,
        case
            when is_last or payment_minor = 0 then 0
            else {{ pro_rata('amount_minor', 'amount_paid_minor', 'payment_minor') }}
        end as share_minor
    from weighed
),

invoice_shares as (
    select
        adjustment_id,
        invoice_id as order_id,
        case
            when is_last
                then amount_minor - sum(share_minor) over (partition by adjustment_id)
            else share_minor
        end as share_minor
    from rounded_down
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
