{{ config(unique_key='promotion_code_id') }}

with parsed as (
    {{ parsed_versions('promotion_codes', 'promotion_code', {
        'code': 'VARCHAR',
        'coupon': 'VARCHAR',
        'promotion': {'coupon': 'VARCHAR'},
    }) }}
)

select
    id as promotion_code_id,
    promotion_code.code,
    coalesce(
        {{ reference('promotion_code.promotion.coupon') }},
        {{ reference('promotion_code.coupon') }}
    ) as coupon_id,
    is_deleted,
    is_stub,
    _batch
from parsed
