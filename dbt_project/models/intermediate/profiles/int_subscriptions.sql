{{ config(materialized='table') }}

-- The subscriptions that count, each with the one status under which it is counted. A table, as are
-- their prices: recurring revenue reads both many times.
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
    subscriptions.currency,
    coalesce(currencies.exponent, 2) as currency_exponent,
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
    case when subscriptions.ended_at <= clock.as_of then subscriptions.ended_at end as ended_at,
    subscriptions.discounts
from {{ ref('stg_stripe__subscriptions') }} as subscriptions
cross join {{ ref('run_clock') }} as clock
left join {{ ref('currencies') }} as currencies
    on subscriptions.currency = currencies.currency
where
    not subscriptions.is_deleted
    and subscriptions.created_at <= clock.as_of
    and subscriptions.test_clock_id is null
    and not exists (
        select 1
        from {{ ref('int_test_clock_customers') }} as test_customers
        where test_customers.customer_id = subscriptions.customer_id
    )
