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
    case when readable.products then coalesce(list_sort(plans.plan_names), []) end as plan_names,
    subscriptions.created_at,
    subscriptions.started_at,
    subscriptions.trial_started_at,
    subscriptions.trial_ends_at,
    plans.current_period_ends_at,
    coalesce(
        subscriptions.cancel_at,
        case when subscriptions.is_cancelled_at_period_end then plans.current_period_ends_at end
    ) as cancels_at,
    subscriptions.is_cancelled_at_period_end,
    subscriptions.cancellation_requested_at,
    subscriptions.ended_at
from {{ ref('stg_stripe__subscriptions') }} as subscriptions
cross join {{ ref('run_clock') }} as clock
cross join {{ ref('int_readable_resources') }} as readable
left join {{ ref('int_subscription_plans') }} as plans
    on subscriptions.subscription_id = plans.subscription_id
where
    not subscriptions.is_deleted
    and subscriptions.created_at <= clock.as_of
    and subscriptions.test_clock_id is null
    and not exists (
        select 1
        from {{ ref('int_test_clock_customers') }} as test_customers
        where test_customers.customer_id = subscriptions.customer_id
    )
