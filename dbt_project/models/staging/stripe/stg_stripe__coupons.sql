{{ config(unique_key='coupon_id') }}

with parsed as (
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', {'name': 'VARCHAR'}) }} as coupon
    from ({{ current_versions('coupons', only_new=is_incremental(), last_live_body=true) }})
)

select
    id as coupon_id,
    nullif(coupon.name, '') as coupon_name,
    is_deleted,
    is_stub,
    _batch
from parsed
