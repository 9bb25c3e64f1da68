{{ config(meta={'fields': ['created_at']}) }}

select
    profiles.stripe_customer_id,
    {{ json_text({
        'created_at': 'profiles.created_at',
        'created_since': from_as_of(-var('new_customer_days'), 'day'),
    }) }} as why
from {{ ref('customer_profiles') }} as profiles
cross join {{ ref('run_clock') }} as clock
where profiles.created_at >= {{ from_as_of(-var('new_customer_days'), 'day') }}
