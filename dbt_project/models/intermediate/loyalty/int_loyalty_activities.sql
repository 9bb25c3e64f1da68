-- What customers did that a rule may reward, with the order that it belongs to.
with paid_orders as (
    select
        orders.*,
        facts.rate_e21
    from {{ ref('int_orders') }} as orders
    left join {{ ref('int_sales_facts') }} as facts
        on
            orders.order_id = facts.order_id
            and facts.fact = 'collected'
    where
        orders.stripe_customer_id is not null
        and orders.paid_at is not null
        -- What was paid and then voided had earned before it was taken back.
        and orders.order_status in ('paid', 'void')
),

first_paid as (
    select
        stripe_customer_id,
        {{ first_value_by(
            'order_id', ['paid_at', 'order_id']
        ) }} as order_id,
        min(paid_at) as paid_at
    from paid_orders
    group by stripe_customer_id
)

select
    'customer_created' as rule,
    customers.customer_id as stripe_customer_id,
    customers.customer_id as source_id,
    cast(null as varchar) as order_id,
    customers.created_at as occurred_at,
    cast(null as bigint) as collected_minor,
    cast(null as bigint) as total_minor,
    cast(null as bigint) as total_excluding_tax_minor,
    cast(null as {{ wide_integer() }}) as rate_e21
from {{ ref('stg_stripe__customers') }} as customers
cross join {{ ref('run_clock') }} as clock
where
    customers.test_clock_id is null
    and customers.created_at <= clock.as_of

union all

select
    'order_paid' as rule,
    stripe_customer_id,
    order_id as source_id,
    order_id,
    paid_at as occurred_at,
    collected_minor,
    order_total_minor as total_minor,
    order_total_excluding_tax_minor as total_excluding_tax_minor,
    rate_e21
from paid_orders

union all

select
    'first_order_paid' as rule,
    stripe_customer_id,
    order_id as source_id,
    order_id,
    paid_at as occurred_at,
    cast(null as bigint) as collected_minor,
    cast(null as bigint) as total_minor,
    cast(null as bigint) as total_excluding_tax_minor,
    cast(null as {{ wide_integer() }}) as rate_e21
from first_paid
