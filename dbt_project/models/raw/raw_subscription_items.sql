{{ config(alias='subscription_items') }}

with items as (
    select
        id as subscription_id,
        unnest(({{ parse_json('body', {'items': {'data': ['JSON']}}) }}).items.data) as item
    from {{ ref('raw_subscriptions') }}
)

select
    item ->> '$.id' as id,
    subscription_id,
    cast(item as varchar) as body
from items
