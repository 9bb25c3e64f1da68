{{ config(meta={'fields': ['stripe_total_orders']}) }}

select
    stripe_customer_id,
    {{ json_text({'stripe_total_orders': 'stripe_total_orders'}) }} as why
from {{ ref('customer_profiles') }}
where stripe_total_orders >= 2
