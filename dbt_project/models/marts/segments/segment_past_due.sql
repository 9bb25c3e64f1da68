{{ config(meta={'fields': ['stripe_subscription_past_due']}) }}

select
    stripe_customer_id,
    {{ json_text({'stripe_subscription_past_due': 'stripe_subscription_past_due'}) }} as why
from {{ ref('customer_profiles') }}
where stripe_subscription_past_due > 0
