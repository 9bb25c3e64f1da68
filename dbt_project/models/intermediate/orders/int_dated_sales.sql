-- Each fact of int_sales_facts on two days: that of its order, and that on which money moved, which for
-- what was collected is when the order was paid. An order that isn't paid in full yet, or was paid after
-- as-of, has no such day: what it collected stands on its own. Beside it who bought.
select
    facts.fact,
    facts.fact_id,
    facts.order_id,
    facts.stripe_customer_id,
    orders.order_source,
    case
        when facts.stripe_customer_id is null then 'guest'
        when live.customer_id is not null then 'customer'
        when customers.is_deleted then 'deleted_customer'
        else 'unread_customer'
    end as buyer,
    facts.currency,
    facts.currency_exponent,
    facts.amount_minor,
    facts.reporting_e21,
    cast({{ to_local('orders.ordered_at', 'clock.reporting_timezone') }} as date) as order_day,
    case
        when facts.fact = 'collected'
            then cast({{ to_local(
                'coalesce(orders.paid_at, orders.ordered_at)', 'clock.reporting_timezone'
            ) }} as date)
        else facts.fact_day
    end as money_day
from {{ ref('int_sales_facts') }} as facts
cross join {{ ref('run_clock') }} as clock
inner join {{ ref('int_orders') }} as orders
    on facts.order_id = orders.order_id
left join {{ ref('int_live_customers') }} as live
    on facts.stripe_customer_id = live.customer_id
left join {{ ref('stg_stripe__customers') }} as customers
    on facts.stripe_customer_id = customers.customer_id
