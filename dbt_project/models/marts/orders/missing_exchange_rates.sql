-- What the totals of a customer or a person need, and what is set against an order in another
-- currency: an amount of zero and the reporting currency need no rate.
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
        and facts.currency is not null
        and (facts.stripe_customer_id is not null or guests.member_id is not null)

    union all

    -- Of a refund or dispute in another currency than its order's, what nothing above asks for.
    select
        unnest(list_filter(
            [
                case
                    when
                        adjustments.lacks_own_rate
                        and adjustments.stripe_customer_id is null
                        and guests.member_id is null
                        then adjustments.currency
                end,
                case when adjustments.lacks_order_rate then adjustments.order_currency end
            ],
            lambda currency: currency is not null
        )) as currency,
        adjustments.fact_day as day
    from {{ ref('int_order_adjustments') }} as adjustments
    left join {{ ref('int_member_persons') }} as guests
        on adjustments.order_id = guests.member_id
    where
        adjustments.is_counted
        and (adjustments.lacks_own_rate or adjustments.lacks_order_rate)

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
