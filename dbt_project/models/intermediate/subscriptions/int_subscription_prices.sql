{{ config(materialized='table') }}

-- What an item of a subscription costs, in the subscription's currency. The price that the item
-- holds goes before the one of the prices list, which adds what Stripe leaves out of the former.
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
    from {{ ref('stg_stripe__subscription_items') }} as items
    inner join {{ ref('int_subscriptions') }} as subscriptions
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
