-- What a customer ordered, counted and dated; the last order is the greatest (ordered_at, order_id).
select
    stripe_customer_id,
    coalesce(sum(items_purchased) filter (where order_status = 'paid'), 0) as order_products,
    count(*) filter (where is_counted) as total_orders,
    arg_max(
        {
            'status': order_status,
            'value': order_total,
            'value_minor': order_total_minor,
            'currency': currency,
            'ordered_at': ordered_at
        },
        (ordered_at, order_id)
    ) as last_order,
    min(ordered_at) as first_ordered_at,
    max(ordered_at) filter (where is_counted) as last_counted_at,
    max(paid_at) filter (where order_status = 'paid') as last_paid_at
from {{ ref('orders') }}
where stripe_customer_id is not null
group by stripe_customer_id
