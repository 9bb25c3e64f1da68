{{ config(meta={'fields': [
    'stripe_subscription_cancelled',
    'stripe_subscription_active',
    'stripe_subscription_trial',
    'stripe_subscription_past_due',
    'stripe_subscription_paused',
]}) }}

select
    stripe_customer_id,
    {{ json_text({
        'stripe_subscription_cancelled': 'stripe_subscription_cancelled',
        'stripe_subscription_active': 'stripe_subscription_active',
        'stripe_subscription_trial': 'stripe_subscription_trial',
        'stripe_subscription_past_due': 'stripe_subscription_past_due',
        'stripe_subscription_paused': 'stripe_subscription_paused',
    }) }} as why
from {{ ref('customer_profiles') }}
where
    stripe_subscription_cancelled > 0
    and stripe_subscription_active = 0
    and stripe_subscription_trial = 0
    and stripe_subscription_past_due = 0
    and stripe_subscription_paused = 0
