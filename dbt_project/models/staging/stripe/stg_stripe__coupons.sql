{{ config(unique_key='coupon_id') }}

with parsed as (
    {{ parsed_versions('coupons', 'coupon', coupon_shape()) }}
)

select
    -- ids
    id as coupon_id,

    -- properties
    nullif(coupon.name, '') as coupon_name,
    case when coupon.duration is not null then coupon end as terms,

    -- its version in the lake
    is_deleted,
    is_stub,
    _batch
from parsed
