{{ config(materialized='view') }}

with items as (
    {{ unnested(
        ref('stg_stripe__subscriptions'),
        ['subscription_id', 'current_period_starts_at', 'current_period_ends_at'],
        'items',
        'item',
        place='item_place',
        condition='not is_deleted'
    ) }}
)

select
    -- ids
    subscription_id,
    item.id as subscription_item_id,
    item.price_id,
    {{ reference('coalesce(item.price.product, item.plan.product)') }} as product_id,

    -- properties
    item_place,
    -- Before 2018 a plan had a name of its own, and no product.
    coalesce(item.price.nickname, item.plan.nickname, item.plan.name) as price_nickname,
    coalesce(coalesce(item.price.recurring.usage_type, item.plan.usage_type) = 'metered', false)
        as is_metered,
    coalesce(item.price.billing_scheme, item.plan.billing_scheme) as billing_scheme,
    coalesce(item.price.tiers_mode, item.plan.tiers_mode) as tiers_mode,
    coalesce(item.price.tiers, item.plan.tiers) as tiers,
    coalesce(item.price.transform_quantity.divide_by, item.plan.transform_usage.divide_by)
        as pack_size,
    coalesce(item.price.transform_quantity.round, item.plan.transform_usage.round)
        as pack_rounding,
    coalesce(item.price.recurring.interval, item.plan.interval) as recurring_interval,
    coalesce(item.price.recurring.interval_count, item.plan.interval_count) as interval_count,
    item.price.currency_options,
    item.discounts,

    -- amounts
    item.quantity,
    {{ lower_ascii("coalesce(nullif(item.price.currency, ''), item.plan.currency)") }}
        as price_currency,
    coalesce(
        {{ minor_e15('item.price.unit_amount_decimal', 'item.price.unit_amount') }},
        {{ minor_e15('item.plan.amount_decimal', 'item.plan.amount') }}
    ) as unit_amount_e15,

    -- times
    coalesce({{ from_unix('item.current_period_start') }}, current_period_starts_at)
        as current_period_starts_at,
    coalesce({{ from_unix('item.current_period_end') }}, current_period_ends_at)
        as current_period_ends_at
from items
