select * from {{ ref('int_subscription_terms') }}
