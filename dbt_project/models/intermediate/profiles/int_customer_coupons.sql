-- The coupons on a customer's counted orders, by name, or by id where they have none.
with used as (
    select
        stripe_customer_id,
        unnest(coupon_ids) as coupon_id
    from {{ ref('int_orders') }}
    where
        is_counted
        and stripe_customer_id is not null
)

select
    used.stripe_customer_id,
    list_sort(list(distinct coalesce(coupons.coupon_name, used.coupon_id))) as coupons_used
from used
left join {{ ref('stg_stripe__coupons') }} as coupons
    on used.coupon_id = coupons.coupon_id
group by used.stripe_customer_id
