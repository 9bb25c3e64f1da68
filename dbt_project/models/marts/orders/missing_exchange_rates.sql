-- Only what a customer's totals need: an amount of zero and the reporting currency need no rate.
select
    currency,
    fact_day as day,
    count(*) as facts
from {{ ref('int_sales_facts') }}
where
    rate_e21 is null
    and stripe_customer_id is not null
group by currency, fact_day
