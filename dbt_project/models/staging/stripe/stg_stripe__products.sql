{{ config(unique_key='product_id') }}

with parsed as (
    {{ parsed_versions('products', 'product', {'name': 'VARCHAR'}) }}
)

select
    -- ids
    id as product_id,

    -- properties
    product.name as product_name,

    -- its version in the lake
    is_deleted,
    is_stub,
    _batch
from parsed
