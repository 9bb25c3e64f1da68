select * from {{ ref('int_subscription_item_terms') }}
