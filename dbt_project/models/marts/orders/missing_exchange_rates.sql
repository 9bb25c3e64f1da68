-- Only what the totals of a customer or a person need: an amount of zero and the reporting currency
-- need no rate.
with needed as (
    select
        facts.currency,
        facts.fact_day as day
    from {{ ref('int_sales_facts') }} as facts
    -- A guest's payment counts where it belongs to a person.
    left join {{ ref('int_member_persons') }} as guests
        on facts.order_id = guests.member_id
    where
        facts.rate_e21 is null
        and (facts.stripe_customer_id is not null or guests.member_id is not null)

    union all

    select
        facts.currency,
        facts.day
    from {{ ref('int_mrr_facts') }} as facts
    inner join {{ ref('int_live_customers') }} as customers
        on facts.stripe_customer_id = customers.customer_id
    where
        facts.rate_e21 is null
        and facts.mrr_e15 <> 0
)

select
    currency,
    day,
    count(*) as facts
from needed
group by currency, day
