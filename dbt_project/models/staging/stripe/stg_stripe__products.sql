{{ config(unique_key='product_id') }}

with parsed as (
    {{ parsed_versions('products', 'product', {'name': 'VARCHAR'}) }}
)

select
    id as product_id,
    product.name as product_name,
    is_deleted,
    is_stub,
    _batch
from parsed
