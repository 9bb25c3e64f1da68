{{ config(unique_key='price_id') }}

with parsed as (
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', {
            'product': 'VARCHAR',
            'recurring': {'usage_type': 'VARCHAR'},
        }) }} as price
    from ({{ current_versions('prices', only_new=is_incremental(), last_live_body=true) }})
)

select
    id as price_id,
    price.product as product_id,
    coalesce(price.recurring.usage_type = 'metered', false) as is_metered,
    is_deleted,
    is_stub,
    _batch
from parsed
