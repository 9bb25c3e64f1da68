{{ config(alias='subscription_items') }}

with items as (
    {{ json_items_of(
        ref('raw_subscriptions'), ['id as subscription_id'], 'body', 'items', 'item'
    ) }}
)

select
    {{ json_field('item', 'id') }} as id,
    subscription_id,
    cast(item as varchar) as body
from items
