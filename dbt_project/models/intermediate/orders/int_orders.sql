{{ config(materialized='table') }}

-- Every order before its refunds and disputes. Orders of customers on a test clock are none.
with orders as (
    select
        order_id,
        stripe_customer_id,
        order_source,
        order_status,
        ordered_at,
        paid_at,
        voided_at,
        currency,
        order_total_minor,
        order_total_excluding_tax_minor,
        items_purchased,
        collected_minor,
        cast(null as varchar) as payment_intent_id
    from {{ ref('int_invoice_orders') }}

    union all

    select
        order_id,
        stripe_customer_id,
        order_source,
        order_status,
        ordered_at,
        paid_at,
        voided_at,
        currency,
        order_total_minor,
        order_total_excluding_tax_minor,
        items_purchased,
        collected_minor,
        payment_intent_id
    from {{ ref('int_payment_orders') }}
)

select
    orders.*,
    coalesce(orders.order_status in ('open', 'paid', 'uncollectible'), false) as is_counted,
    case when orders.currency is not null then coalesce(currencies.exponent, 2) end
        as currency_exponent
from orders
left join {{ ref('currencies') }} as currencies
    on orders.currency = currencies.currency
where not exists (
    select 1
    from {{ ref('int_test_clock_customers') }} as test_customers
    where test_customers.customer_id = orders.stripe_customer_id
)
