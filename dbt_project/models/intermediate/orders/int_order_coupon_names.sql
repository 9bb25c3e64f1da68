-- A coupon is called by its name, or by its id where it has none.
select
    orders.order_id,
    orders.stripe_customer_id,
    orders.is_counted,
    used.coupon_id,
    coalesce(coupons.coupon_name, used.coupon_name, used.coupon_id) as coupon
from {{ ref('int_orders') }} as orders
inner join {{ ref('int_order_coupons') }} as used
    on orders.order_id = used.order_id
left join {{ ref('stg_stripe__coupons') }} as coupons
    on used.coupon_id = coupons.coupon_id
