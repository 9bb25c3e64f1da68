-- A date that lies before as-of is past, whatever the subscription's newest status says.
with dated as (
    select
        subscriptions.*,
        subscriptions.counted_status in ('active', 'trialing', 'past_due') as is_running,
        subscriptions.counted_status in ('active', 'past_due')
        and subscriptions.current_period_ends_at > clock.as_of
        and coalesce(
            subscriptions.cancels_at > subscriptions.current_period_ends_at, true
        ) as is_renewal_ahead,
        subscriptions.cancels_at > clock.as_of as is_cancellation_ahead,
        subscriptions.trial_ends_at > clock.as_of as is_trial_running
    from {{ ref('int_subscription_terms') }} as subscriptions
    cross join {{ ref('run_clock') }} as clock
    where subscriptions.stripe_customer_id is not null
)

select
    stripe_customer_id,
    count(*) filter (where counted_status = 'active') as active,
    count(*) filter (where counted_status = 'canceled') as cancelled,
    count(*) filter (where counted_status = 'paused') as paused,
    count(*) filter (where counted_status = 'trialing') as trial,
    count(*) filter (where counted_status = 'past_due') as past_due,
    {{ distinct_list_of_lists('plan_names', "is_running or counted_status = 'paused'") }}
        as plan_names,
    min(current_period_ends_at) filter (where is_renewal_ahead) as next_renewal_at,
    min(trial_ends_at) filter (
        where counted_status = 'trialing' and is_trial_running
    ) as trial_ends_at,
    min(cancels_at) filter (where is_running and is_cancellation_ahead) as cancels_at
from dated
group by stripe_customer_id
