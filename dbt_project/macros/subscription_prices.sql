{# The first steps from subscriptions to their recurring revenue: see subscription_mrr.sql. #}


{# What each item of the subscriptions costs (query). #}
{% macro subscription_prices(subscriptions, items) %}
with merged as (
    select
        items.subscription_id,
        items.item_place,
        items.discounts,
        subscriptions.currency,
        coalesce(items.quantity, 1) as quantity,
        coalesce(items.product_id, prices.product_id) as product_id,
        items.is_metered or coalesce(prices.is_metered, false) as is_metered,
        coalesce(items.price_currency, prices.price_currency) as price_currency,
        coalesce(items.unit_amount_e15, prices.unit_amount_e15) as unit_amount_e15,
        coalesce(items.billing_scheme, prices.billing_scheme) as billing_scheme,
        coalesce(items.tiers_mode, prices.tiers_mode) as tiers_mode,
        coalesce(items.tiers, prices.tiers) as tiers,
        coalesce(items.pack_size, prices.pack_size) as pack_size,
        coalesce(items.pack_rounding, prices.pack_rounding) as pack_rounding,
        coalesce(items.recurring_interval, prices.recurring_interval) as recurring_interval,
        coalesce(items.interval_count, prices.interval_count, 1) as interval_count,
        coalesce(items.currency_options, prices.currency_options)[subscriptions.currency]
            as currency_option
    from {{ items }} as items
    inner join {{ subscriptions }} as subscriptions
        on items.subscription_id = subscriptions.subscription_id
    left join {{ ref('stg_stripe__prices') }} as prices
        on items.price_id = prices.price_id
)

select
    subscription_id,
    item_place,
    discounts,
    currency,
    product_id,
    is_metered,
    price_currency is not null as is_known,
    billing_scheme,
    tiers_mode,
    recurring_interval,
    case when interval_count > 0 then interval_count end as interval_count,
    case recurring_interval
        when 'day' then 365
        when 'week' then 52
        when 'month' then 12
        when 'year' then 1
    end as periods_per_year,
    case
        when pack_size is null then quantity
        when pack_size <= 0 then null
        when pack_rounding = 'up'
            then {{ whole_quotient(
                'cast(quantity as ' ~ wide_integer() ~ ') + pack_size - 1', 'pack_size'
            ) }}
        when pack_rounding = 'down' then {{ whole_quotient('quantity', 'pack_size') }}
    end as quantity,
    case
        when price_currency = currency then unit_amount_e15
        else {{ minor_e15('currency_option.unit_amount_decimal', 'currency_option.unit_amount') }}
    end as unit_amount_e15,
    case
        when price_currency = currency then tiers
        else currency_option.tiers
    end as tiers
from merged
{% endmacro %}


{# What the tiers of each tiered item come to, both ways of reading them (query). #}
{% macro subscription_item_tiers(prices) %}
with tiers as (
    {{ unnested(
        prices,
        ['subscription_id', 'item_place', 'quantity'],
        'tiers',
        'tier',
        place='place',
        condition="billing_scheme = 'tiered'"
    ) }}
),

bounded as (
    select
        subscription_id,
        item_place,
        quantity,
        place,
        tier.up_to as upper_bound,
        -- Null after a tier without an upper bound: nothing is left for those behind it.
        lag(tier.up_to, 1, 0) over (partition by subscription_id, item_place order by place)
            as lower_bound,
        {{ minor_e15('tier.unit_amount_decimal', 'tier.unit_amount') }} as unit_e15,
        {{ minor_e15('tier.flat_amount_decimal', 'tier.flat_amount') }} as flat_e15,
        max(place) over (partition by subscription_id, item_place) = place as is_last
    from tiers
),

-- A tier may have one of the two amounts alone.
priced as (
    select
        subscription_id,
        item_place,
        quantity,
        place,
        upper_bound,
        case when flat_e15 is null then unit_e15 else coalesce(unit_e15, 0) end as unit_e15,
        case when unit_e15 is null then flat_e15 else coalesce(flat_e15, 0) end as flat_e15,
        place = 1 or quantity > lower_bound as is_reached,
        is_last and quantity > upper_bound as is_overrun,
        greatest(
            least(quantity, coalesce(upper_bound, quantity))
            - cast(lower_bound as {{ wide_integer() }}),
            0
        ) as quantity_in_tier
    from bounded
),

costs as (
    select
        *,
        {{ cost_e15('unit_e15', 'quantity_in_tier') }} + flat_e15 as graduated_e15,
        {{ cost_e15('unit_e15', 'quantity') }} + flat_e15 as volume_e15
    from priced
)

select
    subscription_id,
    item_place,
    case
        when count(*) filter (where is_overrun or (is_reached and graduated_e15 is null)) = 0
            then sum(graduated_e15) filter (where is_reached)
    end as graduated_e15,
    -- In a struct, because a null would be passed over for the next tier's amount.
    ({{ first_value_by(
        struct_of({'e15': 'volume_e15'}), ['place'], 'quantity <= coalesce(upper_bound, quantity)'
    ) }}).e15 as volume_e15
from costs
group by subscription_id, item_place
{% endmacro %}


{# What each item comes to a month before discounts (query). #}
{% macro subscription_item_amounts(prices, tiers) %}
with periods as (
    select
        prices.*,
        case
            when prices.is_metered or (prices.is_known and prices.recurring_interval is null) then 0
            when prices.billing_scheme = 'tiered' and prices.tiers_mode = 'graduated'
                then tiers.graduated_e15
            when prices.billing_scheme = 'tiered' and prices.tiers_mode = 'volume'
                then tiers.volume_e15
            when coalesce(prices.billing_scheme, 'per_unit') = 'per_unit'
                then {{ cost_e15('prices.unit_amount_e15', 'prices.quantity') }}
        end as amount_e15
    from {{ prices }} as prices
    left join {{ tiers }} as tiers
        on
            prices.subscription_id = tiers.subscription_id
            and prices.item_place = tiers.item_place
)

select
    subscription_id,
    item_place,
    product_id,
    is_metered,
    periods_per_year,
    interval_count,
    case
        when amount_e15 = 0 and (is_metered or recurring_interval is null) then 0
        else {{ per_month_e15('amount_e15', 'periods_per_year', 'interval_count') }}
    end as monthly_e15
from periods
{% endmacro %}
