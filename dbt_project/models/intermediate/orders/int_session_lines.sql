{%- set is_own_currency = 'coalesce(item.currency, currency) = currency' -%}

-- What a payment without an invoice sold, as its Checkout session lists it. An amount in another
-- currency than the charge's isn't known in that.
with items as (
    {{ unnested(ref('int_order_sessions'), ['order_id', 'currency'], 'line_items', 'item') }}
)

select
    order_id,
    item.id as line_id,
    item.description,
    item.product_id,
    item.price_id,
    coalesce(item.quantity, 1) as quantity,
    cast(item.quantity as decimal(38, 12)) as stated_quantity,
    case when {{ is_own_currency }} then item.amount end as amount_minor,
    case when {{ is_own_currency }} then item.discount end as discount_minor,
    case when {{ is_own_currency }} then item.tax end as tax_minor,
    case when {{ is_own_currency }} then item.total - item.amount + coalesce(item.discount, 0) end
        as tax_on_top_minor
from items
