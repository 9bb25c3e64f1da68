{{ config(unique_key='coupon_id') }}

with parsed as (
    {{ parsed_versions('coupons', 'coupon', {'name': 'VARCHAR'}) }}
)

select
    id as coupon_id,
    nullif(coupon.name, '') as coupon_name,
    is_deleted,
    is_stub,
    _batch
from parsed
