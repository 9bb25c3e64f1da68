-- Checkout sessions with the coupons behind their discounts, promotion codes resolved.
with discounts as (
    select
        checkout_session_id,
        unnest(discounts) as discount
    from {{ ref('stg_stripe__checkout_sessions') }}
),

coupons as (
    select
        discounts.checkout_session_id,
        list(coalesce(discounts.discount.coupon, codes.coupon_id)) as coupon_ids
    from discounts
    left join {{ ref('stg_stripe__promotion_codes') }} as codes
        on discounts.discount.promotion_code = codes.promotion_code_id
    where coalesce(discounts.discount.coupon, codes.coupon_id) is not null
    group by discounts.checkout_session_id
)

select
    sessions.* exclude (discounts),
    coalesce(coupons.coupon_ids, []) as coupon_ids
from {{ ref('stg_stripe__checkout_sessions') }} as sessions
cross join {{ ref('run_clock') }} as clock
cross join {{ ref('int_readable_resources') }} as readable
left join coupons
    on sessions.checkout_session_id = coupons.checkout_session_id
where
    readable.checkout_sessions
    and not sessions.is_deleted
    and sessions.created_at <= clock.as_of
