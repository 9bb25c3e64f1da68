-- The coupons on a customer's counted orders.
select
    stripe_customer_id,
    {{ distinct_list('coupon') }} as coupons_used
from {{ ref('int_order_coupon_names') }}
where
    is_counted
    and stripe_customer_id is not null
group by stripe_customer_id
