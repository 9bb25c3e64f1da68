{{ config(meta={'fields': ['stripe_abandoned_checkout_at']}) }}

select
    profiles.stripe_customer_id,
    {{ json_text({
        'abandoned_at': 'profiles.stripe_abandoned_checkout_at',
        'abandoned_since': from_as_of(-var('abandoned_checkout_days'), 'day'),
    }) }} as why
from {{ ref('customer_profiles') }} as profiles
cross join {{ ref('run_clock') }} as clock
where
    profiles.stripe_abandoned_checkout_at
    >= {{ from_as_of(-var('abandoned_checkout_days'), 'day') }}
