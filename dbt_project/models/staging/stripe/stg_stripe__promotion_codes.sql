{{ config(unique_key='promotion_code_id') }}

with parsed as (
    {{ parsed_versions('promotion_codes', 'promotion_code', {
        'code': 'VARCHAR',
        'coupon': 'VARCHAR',
        'promotion': {'coupon': 'VARCHAR'},
    }) }}
)

select
    -- ids
    id as promotion_code_id,
    coalesce(
        {{ reference('promotion_code.promotion.coupon') }},
        {{ reference('promotion_code.coupon') }}
    ) as coupon_id,

    -- properties
    promotion_code.code,

    -- its version in the lake
    is_deleted,
    is_stub,
    _batch
from parsed
