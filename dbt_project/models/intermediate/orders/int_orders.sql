{{ config(materialized='table') }}

-- Every order before its refunds and disputes. Orders of customers on a test clock are none.
with orders as (
    select
        *,
        cast(null as varchar) as payment_intent_id
    from {{ ref('int_invoice_orders') }}

    union all by name

    select * from {{ ref('int_payment_orders') }}
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
