{{ config(unique_key='price_id') }}

with parsed as (
    {{ parsed_versions('prices', 'price', price_shape()) }}
)

select
    -- ids
    id as price_id,
    {{ reference('price.product') }} as product_id,

    -- properties
    nullif(price.nickname, '') as price_nickname,
    coalesce(price.recurring.usage_type = 'metered', false) as is_metered,
    price.billing_scheme,
    price.tiers_mode,
    price.tiers,
    price.transform_quantity.divide_by as pack_size,
    price.transform_quantity.round as pack_rounding,
    price.recurring.interval as recurring_interval,
    price.recurring.interval_count,
    price.currency_options,

    -- amounts
    {{ lower_ascii("nullif(price.currency, '')") }} as price_currency,
    {{ minor_e15('price.unit_amount_decimal', 'price.unit_amount') }} as unit_amount_e15,

    -- its version in the lake
    is_deleted,
    is_stub,
    _batch
from parsed
