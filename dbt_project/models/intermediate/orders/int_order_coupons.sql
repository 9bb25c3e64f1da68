{{ config(materialized='table') }}

-- The coupons behind each order's discounts: those of the invoice and of its lines, and those of the
-- Checkout session in which it was placed. A table: finding them reads every invoice.
with invoice_discounts as (
    {{ unnested(
        ref('stg_stripe__invoices'),
        ['invoice_id as order_id'],
        joined_lists(['discounts', 'line_discounts']),
        'discount',
        condition=list_length('discounts') ~ ' > 0 or ' ~ list_length('line_discounts') ~ ' > 0'
    ) }}
),

ordered_sessions as (
    select
        coalesce(sessions.invoice_id, orders.order_id) as order_id,
        sessions.discounts
    from {{ ref('int_checkout_sessions') }} as sessions
    left join {{ ref('int_orders') }} as orders
        on sessions.payment_intent_id = orders.payment_intent_id
    where {{ list_length('sessions.discounts') }} > 0
),

session_discounts as (
    {{ unnested(
        'ordered_sessions', ['order_id'], 'discounts', 'discount', condition='order_id is not null'
    ) }}
),

coupons as (
    select
        invoice_discounts.order_id,
        coalesce(invoice_discounts.discount.coupon_id, whole.coupon_id) as coupon_id,
        coalesce(invoice_discounts.discount.coupon_name, whole.coupon_name) as coupon_name
    from invoice_discounts
    left join {{ ref('int_discounts') }} as whole
        on invoice_discounts.discount.discount_id = whole.discount_id

    union all

    select
        session_discounts.order_id,
        coalesce(session_discounts.discount.coupon_id, codes.coupon_id) as coupon_id,
        session_discounts.discount.coupon_name
    from session_discounts
    left join {{ ref('stg_stripe__promotion_codes') }} as codes
        on session_discounts.discount.promotion_code_id = codes.promotion_code_id
)

select
    order_id,
    coupon_id,
    max(coupon_name) as coupon_name
from coupons
where coupon_id is not null
group by
    order_id,
    coupon_id
