-- Only what a customer's totals need: an amount of zero and the reporting currency need no rate.
with needed as (
    select
        currency,
        fact_day as day
    from {{ ref('int_sales_facts') }}
    where
        rate_e21 is null
        and stripe_customer_id is not null

    union all

    select
        currency,
        day
    from {{ ref('int_mrr_facts') }}
    where
        rate_e21 is null
        and mrr_e15 <> 0
        and stripe_customer_id is not null
)

select
    currency,
    day,
    count(*) as facts
from needed
group by currency, day
