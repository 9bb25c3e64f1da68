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
        -- What isn't known would stay so with a rate.
        and facts.amount_minor is not null
        and (facts.stripe_customer_id is not null or guests.member_id is not null)

    union all

    -- Of a refund or dispute in another currency than its order's, what nothing above asks for.
    select
        adjustments.currency,
        adjustments.fact_day as day
    from {{ ref('int_order_adjustments') }} as adjustments
    left join {{ ref('int_member_persons') }} as guests
        on adjustments.order_id = guests.member_id
    where
        adjustments.is_counted
        and adjustments.lacks_own_rate
        and adjustments.stripe_customer_id is null
        and guests.member_id is null
        and adjustments.currency is not null

    union all

    select
        order_currency as currency,
        fact_day as day
    from {{ ref('int_order_adjustments') }}
    where
        is_counted
        and lacks_order_rate
        and order_currency is not null

    union all

    select
        currency,
        day
    from {{ ref('int_live_customer_mrr_facts') }}
    where rate_e21 is null

    union all

    select
        movements.currency,
        movements.day
    from {{ ref('int_mrr_movements') }} as movements
    where
        movements.lacks_rate
        -- What moved on the as-of day is asked for above.
        and not exists (
            select 1
            from {{ ref('int_live_customer_mrr_facts') }} as facts
            where
                facts.subscription_id = movements.subscription_id
                and facts.day = movements.day
        )
)

select
    currency,
    day,
    count(*) as facts
from needed
group by currency, day
