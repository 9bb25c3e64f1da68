{{ config(materialized='view') }}

with items as (
    select
        subscription_id,
        unnest(items) as item
    from {{ ref('stg_stripe__subscriptions') }}
    where not is_deleted
)

select
    subscription_id,
    item.id as subscription_item_id,
    item.quantity,
    item.price.id as price_id,
    item.price.nickname as price_nickname,
    item.price.product as product_id,
    coalesce(item.price.recurring.usage_type = 'metered', false) as is_metered,
    {{ from_unix('item.current_period_start') }} as current_period_starts_at,
    {{ from_unix('item.current_period_end') }} as current_period_ends_at
from items
