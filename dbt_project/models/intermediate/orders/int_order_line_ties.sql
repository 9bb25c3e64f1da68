-- Both sides of what must be equal for each order: its lines and what order_line_sums sets beside them,
-- and its total. Without the orders of which an amount isn't known.
with lined as (
    select
        order_id,
        sum(amount_minor) as amount_minor
    from {{ ref('int_order_lines') }}
    group by order_id
)

select
    orders.order_id,
    orders.currency,
    coalesce(lined.amount_minor, 0) - sums.discount_minor + sums.tax_on_top_minor
    + sums.shipping_minor - sums.credit_minor + sums.difference_minor as explained_minor,
    orders.order_total_minor
from {{ ref('int_orders') }} as orders
left join {{ ref('int_order_line_sums') }} as sums
    on orders.order_id = sums.order_id
left join lined
    on orders.order_id = lined.order_id
where coalesce(sums.difference_reason, '') <> 'unknown'
