{{ config(unique_key='product_id') }}

with parsed as (
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', {'name': 'VARCHAR'}) }} as product
    from ({{ current_versions('products', only_new=is_incremental(), last_live_body=true) }})
)

select
    id as product_id,
    product.name as product_name,
    is_deleted,
    is_stub,
    _batch
from parsed
