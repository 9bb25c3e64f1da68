{{ config(unique_key='price_id') }}

with parsed as (
    {{ parsed_versions('prices', 'price', {
        'product': 'VARCHAR',
        'recurring': {'usage_type': 'VARCHAR'},
    }) }}
)

select
    id as price_id,
    {{ reference('price.product') }} as product_id,
    coalesce(price.recurring.usage_type = 'metered', false) as is_metered,
    is_deleted,
    is_stub,
    _batch
from parsed
