-- Each refund and dispute, divided over what its payment paid: one row per share. A payment that
-- pays several invoices shares by what each was paid, rounded down, the remainder on the last.
with links as (
    select
        adjustments.adjustment_id,
        invoice_payments.invoice_payment_id
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('stg_stripe__invoice_payments') }} as invoice_payments
        on adjustments.charge_id = invoice_payments.charge_id

    union

    select
        adjustments.adjustment_id,
        invoice_payments.invoice_payment_id
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('stg_stripe__invoice_payments') }} as invoice_payments
        on adjustments.payment_intent_id = invoice_payments.payment_intent_id
),

weighed as (
    select
        links.adjustment_id,
        invoice_payments.invoice_id,
        invoice_payments.amount_paid_minor,
        sum(invoice_payments.amount_paid_minor) over (
            partition by links.adjustment_id
        ) as payment_minor,
        row_number() over (
            partition by links.adjustment_id
            order by invoice_payments.created_at desc, invoice_payments.invoice_payment_id desc
        ) = 1 as is_last
    from links
    inner join {{ ref('stg_stripe__invoice_payments') }} as invoice_payments
        on links.invoice_payment_id = invoice_payments.invoice_payment_id
),

rounded_down as (
    select
        weighed.adjustment_id,
        weighed.invoice_id,
        weighed.is_last,
        case
            when weighed.is_last or weighed.payment_minor = 0 then 0
            else {{ pro_rata(
                'adjustments.amount_minor', 'weighed.amount_paid_minor', 'weighed.payment_minor'
            ) }}
        end as share_minor
    from weighed
    inner join {{ ref('int_payment_adjustments') }} as adjustments
        on weighed.adjustment_id = adjustments.adjustment_id
),

invoice_shares as (
    select
        rounded_down.adjustment_id,
        rounded_down.invoice_id as order_id,
        case
            when rounded_down.is_last
                then adjustments.amount_minor - sum(rounded_down.share_minor) over (
                    partition by rounded_down.adjustment_id
                )
            else rounded_down.share_minor
        end as share_minor
    from rounded_down
    inner join {{ ref('int_payment_adjustments') }} as adjustments
        on rounded_down.adjustment_id = adjustments.adjustment_id
),

payment_shares as (
    select
        adjustments.adjustment_id,
        payment_orders.order_id,
        adjustments.amount_minor as share_minor
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('int_orders') }} as payment_orders
        on
            adjustments.charge_id = payment_orders.order_id
            and payment_orders.order_source = 'payment'

    union all

    -- A refund may name its payment intent alone.
    select
        adjustments.adjustment_id,
        payment_orders.order_id,
        adjustments.amount_minor as share_minor
    from {{ ref('int_payment_adjustments') }} as adjustments
    inner join {{ ref('int_orders') }} as payment_orders
        on
            adjustments.payment_intent_id = payment_orders.payment_intent_id
            and payment_orders.order_source = 'payment'
    where adjustments.charge_id is null
)

select * from invoice_shares

union all

select * from payment_shares
