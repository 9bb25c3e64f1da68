{{ config(meta={'fields': []}) }}

with ending as (
    select
        subscriptions.stripe_customer_id,
        min(subscriptions.trial_ends_at) as trial_ends_at
    from {{ ref('subscriptions') }} as subscriptions
    cross join {{ ref('run_clock') }} as clock
    where
        subscriptions.counted_status = 'trialing'
        and subscriptions.trial_ends_at > clock.as_of
        and subscriptions.trial_ends_at <= {{ from_as_of(var('trial_ending_days'), 'day') }}
        -- A subscription that is already cancelled needs no reminder.
        and not subscriptions.is_cancelled_at_period_end
        and (
            subscriptions.cancels_at is null
            or subscriptions.cancels_at > subscriptions.trial_ends_at
        )
    group by subscriptions.stripe_customer_id
)

select
    profiles.stripe_customer_id,
    {{ json_text({
        'trial_ends_at': 'ending.trial_ends_at',
        'until': from_as_of(var('trial_ending_days'), 'day'),
    }) }} as why
from {{ ref('customer_profiles') }} as profiles
cross join {{ ref('run_clock') }} as clock
inner join ending
    on profiles.stripe_customer_id = ending.stripe_customer_id
