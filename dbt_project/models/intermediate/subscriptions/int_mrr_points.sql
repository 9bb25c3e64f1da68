-- The days on which a subscription's recurring revenue moved, or the exchange rate of its currency did,
-- with the newest level known by then: null on a day on which it isn't known.
with subscriptions as (
    select
        levels.subscription_id,
        revenue.stripe_customer_id,
        revenue.currency,
        revenue.currency_exponent,
        min(levels.day) as first_day
    from {{ ref('int_mrr_levels') }} as levels
    inner join {{ ref('int_subscription_mrr') }} as revenue
        on levels.subscription_id = revenue.subscription_id
    group by
        levels.subscription_id,
        revenue.stripe_customer_id,
        revenue.currency,
        revenue.currency_exponent
),

days as (
    select
        subscription_id,
        day
    from {{ ref('int_mrr_levels') }}

    union

    select
        subscriptions.subscription_id,
        rates.day
    from subscriptions
    cross join {{ ref('run_clock') }} as clock
    inner join {{ ref('int_exchange_rates') }} as rates
        on
            subscriptions.currency = rates.currency
            and subscriptions.first_day < rates.day
            and rates.day <= cast(clock.as_of_local as date)
    where subscriptions.currency <> clock.reporting_currency
),

placed as (
    select
        days.subscription_id,
        days.day,
        levels.day is not null as is_level,
        levels.mrr_e15,
        max(levels.day) over (
            partition by days.subscription_id order by days.day
            rows between unbounded preceding and current row
        ) as level_day,
        max(case when levels.mrr_e15 is not null then levels.day end) over (
            partition by days.subscription_id order by days.day
            rows between unbounded preceding and current row
        ) as known_day,
        max(case when levels.mrr_e15 is not null then levels.day end) over (
            partition by days.subscription_id order by days.day
            rows between unbounded preceding and 1 preceding
        ) as earlier_day,
        coalesce(bool_or(levels.mrr_e15 > 0) over (
            partition by days.subscription_id order by days.day
            rows between unbounded preceding and 1 preceding
        ), false) as has_run
    from days
    left join {{ ref('int_mrr_levels') }} as levels
        on
            days.subscription_id = levels.subscription_id
            and days.day = levels.day
)

select
    placed.subscription_id,
    subscriptions.stripe_customer_id,
    subscriptions.currency,
    subscriptions.currency_exponent,
    placed.day,
    placed.is_level,
    placed.has_run,
    latest.mrr_e15,
    coalesce(known.mrr_e15, 0) as known_e15,
    coalesce(earlier.mrr_e15, 0) as earlier_e15
from placed
inner join subscriptions
    on placed.subscription_id = subscriptions.subscription_id
left join {{ ref('int_mrr_levels') }} as latest
    on
        placed.subscription_id = latest.subscription_id
        and placed.level_day = latest.day
left join {{ ref('int_mrr_levels') }} as known
    on
        placed.subscription_id = known.subscription_id
        and placed.known_day = known.day
left join {{ ref('int_mrr_levels') }} as earlier
    on
        placed.subscription_id = earlier.subscription_id
        and placed.earlier_day = earlier.day
