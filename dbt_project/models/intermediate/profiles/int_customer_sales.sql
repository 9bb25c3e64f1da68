-- A customer's sales in the reporting currency's minor unit: exact sums over the facts, rounded
-- once. A sum that lacks a rate is null, never partial.
select
    customers.customer_id as stripe_customer_id,
    {{ sales_figures() }}
from {{ ref('stg_stripe__customers') }} as customers
left join {{ ref('int_sales_facts') }} as facts
    on customers.customer_id = facts.stripe_customer_id
group by customers.customer_id
