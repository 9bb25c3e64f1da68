-- Per subscription: the names of its plans (the products' names) and the end of the running period.
select
    items.subscription_id,
    list(distinct coalesce(products.product_name, items.price_nickname)) filter (
        where coalesce(products.product_name, items.price_nickname) is not null
    ) as plan_names,
    min(items.current_period_ends_at) as current_period_ends_at
from {{ ref('stg_stripe__subscription_items') }} as items
left join {{ ref('stg_stripe__products') }} as products
    on items.product_id = products.product_id
group by items.subscription_id
