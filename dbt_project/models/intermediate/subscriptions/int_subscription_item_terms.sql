-- What each item of a subscription sells, and what it costs a month after its own discounts. The
-- discounts of the whole subscription come off later, in int_subscription_mrr.
select
    prices.subscription_id,
    prices.item_place,
    items.subscription_item_id,
    subscriptions.stripe_customer_id,
    prices.product_id,
    coalesce(
        case when readable.products then products.product_name end, prices.product_id
    ) as product,
    items.price_id,
    coalesce(items.price_nickname, listed.price_nickname) as price_nickname,
    items.quantity,
    prices.currency,
    {{ in_millionths('prices.unit_amount_e15 * 1000000', 'subscriptions.currency_exponent') }}
        as unit_amount,
    coalesce(prices.billing_scheme, 'per_unit') as billing_scheme,
    prices.is_metered,
    prices.recurring_interval,
    prices.interval_count,
    {{ to_major(to_minor_unit('revenue.monthly_e15'), 'subscriptions.currency_exponent') }}
        as monthly_amount,
    {{ to_minor_unit('revenue.monthly_e15') }} as monthly_amount_minor,
    items.current_period_starts_at,
    items.current_period_ends_at
from {{ ref('int_subscription_prices') }} as prices
cross join {{ ref('int_readable_resources') }} as readable
inner join {{ ref('int_subscriptions') }} as subscriptions
    on prices.subscription_id = subscriptions.subscription_id
inner join {{ ref('stg_stripe__subscription_items') }} as items
    on
        prices.subscription_id = items.subscription_id
        and prices.item_place = items.item_place
inner join {{ ref('int_subscription_item_mrr') }} as revenue
    on
        prices.subscription_id = revenue.subscription_id
        and prices.item_place = revenue.item_place
left join {{ ref('stg_stripe__prices') }} as listed
    on items.price_id = listed.price_id
left join {{ ref('stg_stripe__products') }} as products
    on prices.product_id = products.product_id
