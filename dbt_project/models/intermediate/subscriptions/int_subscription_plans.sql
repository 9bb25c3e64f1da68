-- Per subscription: the names of its plans (the products' names) and the end of the running period.
with items as (
    select
        items.subscription_id,
        items.current_period_ends_at,
        coalesce(products.product_name, items.price_nickname, prices.price_nickname) as plan_name
    from {{ ref('stg_stripe__subscription_items') }} as items
    left join {{ ref('stg_stripe__prices') }} as prices
        on items.price_id = prices.price_id
    left join {{ ref('stg_stripe__products') }} as products
        on coalesce(items.product_id, prices.product_id) = products.product_id
)

select
    subscription_id,
    {{ distinct_list('plan_name') }} as plan_names,
    min(current_period_ends_at) as current_period_ends_at
from items
group by subscription_id
