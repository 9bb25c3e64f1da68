{{ config(meta={'fields': ['stripe_total_orders', 'stripe_last_counted_order_at']}) }}

select
    profiles.stripe_customer_id,
    {{ json_text({
        'stripe_total_orders': 'profiles.stripe_total_orders',
        'last_counted_order_at': 'profiles.stripe_last_counted_order_at',
        'ordered_before': from_as_of(-var('lapsed_after_months'), 'month'),
    }) }} as why
from {{ ref('customer_profiles') }} as profiles
cross join {{ ref('run_clock') }} as clock
where
    profiles.stripe_total_orders > 0
    and profiles.stripe_last_counted_order_at
    < {{ from_as_of(-var('lapsed_after_months'), 'month') }}
