-- The discounts in force on a subscription (item_place is null) or one of its items, but not those
-- that come off once. Where the coupon isn't known, what comes off is null.
with given as (
    select
        subscription_id,
        cast(null as bigint) as item_place,
        unnest(discounts) as discount
    from {{ ref('int_subscriptions') }}

    union all

    select
        subscription_id,
        item_place,
        unnest(discounts) as discount
    from {{ ref('int_subscription_prices') }}
),

terms as (
    select
        given.subscription_id,
        given.item_place,
        given.discount.place as discount_place,
        {{ from_unix('given.discount.starts') }} as starts_at,
        {{ from_unix('given.discount.ends') }} as ends_at,
        coalesce(coupons.terms, given.discount.coupon) as coupon
    from given
    left join {{ ref('stg_stripe__coupons') }} as coupons
        on given.discount.coupon_id = coupons.coupon_id
)

select
    terms.subscription_id,
    terms.item_place,
    terms.discount_place,
    cast(try_cast(terms.coupon.percent_off as decimal(38, 9)) * 1000000000 as hugeint)
        as percent_e9,
    cast(case
        when lower(terms.coupon.currency) = subscriptions.currency then terms.coupon.amount_off
        else terms.coupon.currency_options[subscriptions.currency].amount_off
    end as hugeint) * 1000000000000000 as amount_off_e15,
    -- An empty list would restrict the coupon to nothing.
    case
        when len(terms.coupon.applies_to.products) > 0 then terms.coupon.applies_to.products
    end as products
from terms
cross join {{ ref('run_clock') }} as clock
inner join {{ ref('int_subscriptions') }} as subscriptions
    on terms.subscription_id = subscriptions.subscription_id
where
    (terms.starts_at is null or terms.starts_at <= clock.as_of)
    and (terms.ends_at is null or terms.ends_at > clock.as_of)
    and coalesce(terms.coupon.duration in ('forever', 'repeating'), true)
