{{ config(materialized='table') }}

-- The subscriptions that count, each with the one status under which it is counted. A table, as are
-- their prices: recurring revenue reads both many times.
-- Before 2022 a subscription had no currency of its own: it was that of its prices, if they have one.
with priced as (
    select
        items.subscription_id,
        case
            when count(distinct coalesce(items.price_currency, prices.price_currency)) = 1
                then min(coalesce(items.price_currency, prices.price_currency))
        end as currency
    from {{ ref('stg_stripe__subscription_items') }} as items
    left join {{ ref('stg_stripe__prices') }} as prices
        on items.price_id = prices.price_id
    group by items.subscription_id
),

given as (
    select
        subscriptions.*,
        coalesce(subscriptions.currency, priced.currency) as known_currency
    from {{ ref('stg_stripe__subscriptions') }} as subscriptions
    left join priced
        on subscriptions.subscription_id = priced.subscription_id
)

select
    subscriptions.subscription_id,
    subscriptions.customer_id as stripe_customer_id,
    subscriptions.subscription_status,
    case
        when
            subscriptions.has_paused_collection
            and subscriptions.subscription_status in ('active', 'trialing', 'past_due')
            then 'paused'
        when subscriptions.subscription_status in (
            'active', 'trialing', 'past_due', 'paused', 'canceled'
        ) then subscriptions.subscription_status
    end as counted_status,
    subscriptions.has_paused_collection,
    subscriptions.known_currency as currency,
    case when subscriptions.known_currency is not null then coalesce(currencies.exponent, 2) end
        as currency_exponent,
    subscriptions.created_at,
    subscriptions.started_at,
    subscriptions.trial_started_at,
    subscriptions.trial_ends_at,
    subscriptions.current_period_ends_at,
    subscriptions.cancel_at,
    subscriptions.is_cancelled_at_period_end,
    case
        when subscriptions.cancellation_requested_at <= clock.as_of
            then subscriptions.cancellation_requested_at
    end as cancellation_requested_at,
    case
        when subscriptions.cancellation_requested_at <= clock.as_of
            then subscriptions.cancellation_feedback
    end as cancellation_feedback,
    case when subscriptions.ended_at <= clock.as_of then subscriptions.ended_at end as ended_at,
    case when subscriptions.ended_at <= clock.as_of then subscriptions.ended_reason end
        as ended_reason,
    subscriptions.discounts
from given as subscriptions
cross join {{ ref('run_clock') }} as clock
left join {{ ref('currencies') }} as currencies
    on subscriptions.known_currency = currencies.currency
where
    not subscriptions.is_deleted
    and subscriptions.created_at <= clock.as_of
    and subscriptions.test_clock_id is null
    and not exists (
        select 1
        from {{ ref('int_test_clock_customers') }} as test_customers
        where test_customers.customer_id = subscriptions.customer_id
    )
