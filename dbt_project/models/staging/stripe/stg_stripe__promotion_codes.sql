{{ config(unique_key='promotion_code_id') }}

with parsed as (
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', {
            'code': 'VARCHAR',
            'promotion': {'coupon': 'VARCHAR'},
        }) }} as promotion_code
    from (
        {{ current_versions('promotion_codes', only_new=is_incremental(), last_live_body=true) }}
    )
)

select
    id as promotion_code_id,
    promotion_code.code,
    promotion_code.promotion.coupon as coupon_id,
    is_deleted,
    is_stub,
    _batch
from parsed
