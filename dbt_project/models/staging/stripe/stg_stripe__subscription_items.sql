{{ config(materialized='view') }}

with items as (
    {{ unnested(
        ref('stg_stripe__subscriptions'),
        ['subscription_id', 'current_period_starts_at', 'current_period_ends_at'],
        'items',
        'item',
        place='item_place',
        condition='not is_deleted'
    ) }}
)

select
    {{ subscription_item_columns() }}
from items
