{{ config(materialized='table') }}

-- What each order sells: the lines of its invoice, the line items of its Checkout session, or the
-- payment itself where nothing lists what it was for.
with listed as (
    select
        lines.invoice_id as order_id,
        lines.invoice_line_id as line_id,
        lines.description,
        lines.product_id,
        lines.price_id,
        lines.subscription_id,
        {{ things_bought('lines', 'metered') }} as quantity,
        lines.stated_quantity,
        lines.amount_minor,
        case
            when lines.discount_amounts is not null
                then coalesce({{ list_total(
                    each('lines.discount_amounts', 'taken', 'taken.amount')
                ) }}, 0)
        end as discount_minor,
        {{ total_tax('lines.taxes') }} as tax_minor,
        {{ total_on_top('lines.taxes') }} as tax_on_top_minor,
        lines.is_proration,
        lines.starts_at,
        lines.ends_at
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    left join {{ ref('int_metered_prices') }} as metered
        on lines.price_id = metered.price_id

    union all

    select
        order_id,
        line_id,
        description,
        product_id,
        price_id,
        cast(null as varchar) as subscription_id,
        quantity,
        stated_quantity,
        amount_minor,
        discount_minor,
        tax_minor,
        tax_on_top_minor,
        false as is_proration,
        cast(null as timestamp) as starts_at,
        cast(null as timestamp) as ends_at
    from {{ ref('int_session_lines') }}

    union all

    select
        order_id,
        order_id as line_id,
        cast(null as varchar) as description,
        cast(null as varchar) as product_id,
        cast(null as varchar) as price_id,
        cast(null as varchar) as subscription_id,
        1 as quantity,
        cast(null as decimal(38, 12)) as stated_quantity,
        order_total_minor as amount_minor,
        cast(null as bigint) as discount_minor,
        cast(null as bigint) as tax_minor,
        cast(null as bigint) as tax_on_top_minor,
        false as is_proration,
        cast(null as timestamp) as starts_at,
        cast(null as timestamp) as ends_at
    from {{ ref('int_orders') }} as orders
    where
        order_source = 'payment'
        and not exists (
            select 1
            from {{ ref('int_order_sessions') }} as sessions
            where sessions.order_id = orders.order_id
        )
)

select
    listed.order_id,
    listed.line_id,
    orders.stripe_customer_id,
    orders.order_status,
    orders.is_counted,
    orders.ordered_at,
    orders.paid_at,
    coalesce(listed.product_id, prices.product_id) as product_id,
    coalesce(
        case when readable.products then products.product_name end,
        listed.product_id,
        prices.product_id
    ) as product,
    listed.price_id,
    prices.price_nickname,
    listed.description,
    cast(listed.quantity as bigint) as quantity,
    listed.stated_quantity,
    orders.currency,
    orders.currency_exponent,
    cast(listed.amount_minor as bigint) as amount_minor,
    cast(listed.discount_minor as bigint) as discount_minor,
    cast(listed.tax_minor as bigint) as tax_minor,
    cast(listed.tax_on_top_minor as bigint) as tax_on_top_minor,
    listed.is_proration,
    listed.subscription_id,
    listed.starts_at,
    listed.ends_at
from listed
inner join {{ ref('int_orders') }} as orders
    on listed.order_id = orders.order_id
cross join {{ ref('int_readable_resources') }} as readable
left join {{ ref('stg_stripe__prices') }} as prices
    on listed.price_id = prices.price_id
left join {{ ref('stg_stripe__products') }} as products
    on coalesce(listed.product_id, prices.product_id) = products.product_id
