-- The coupons on a customer's counted orders, by name, or by id where they have none.
select
    orders.stripe_customer_id,
    list_sort(list(
        distinct coalesce(coupons.coupon_name, used.coupon_name, used.coupon_id)
    )) as coupons_used
from {{ ref('int_orders') }} as orders
inner join {{ ref('int_order_coupons') }} as used
    on orders.order_id = used.order_id
left join {{ ref('stg_stripe__coupons') }} as coupons
    on used.coupon_id = coupons.coupon_id
where
    orders.is_counted
    and orders.stripe_customer_id is not null
group by orders.stripe_customer_id
