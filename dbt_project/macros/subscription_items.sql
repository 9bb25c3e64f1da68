{#
    A subscription's items as structs. The price is parsed where the item holds
    it whole; the plan, as older objects call it, only where there is no such price.
#}
{% macro subscription_items_of(items) -%}
    {{ each(items, 'item', struct_of({
        'id': 'item.id',
        'quantity': 'item.quantity',
        'current_period_start': 'item.current_period_start',
        'current_period_end': 'item.current_period_end',
        'price_id': 'coalesce(' ~ reference('item.price') ~ ', ' ~ reference('item.plan') ~ ')',
        'price': parse_expanded('item.price', price_shape()),
        'plan': 'case when not coalesce(' ~ is_whole('item.price') ~ ', false) then '
            ~ parse_expanded('item.plan', plan_shape()) ~ ' end',
        'discounts': discount_terms('item.discounts'),
    })) }}
{%- endmacro %}


{#
    The items of a subscription as parsed; of one from before 2017, which has no list of them, its
    one plan as an item. Null where none is seen.
#}
{% macro given_items(subscription) -%}
    case
        when {{ list_length(subscription ~ '.items.data') }} > 0 then {{ subscription }}.items.data
        when {{ subscription }}.plan is not null
            then {{ list_of([struct_of({
                'id': reference(subscription ~ '.plan'),
                'quantity': subscription ~ '.quantity',
                'current_period_start': 'null',
                'current_period_end': 'null',
                'price': 'null',
                'plan': subscription ~ '.plan',
                'discounts': 'null',
            })]) }}
    end
{%- endmacro %}


{# The columns of a subscription's `item` (subscription_items_of), for a select. #}
{% macro subscription_item_columns() %}
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
{% endmacro %}
