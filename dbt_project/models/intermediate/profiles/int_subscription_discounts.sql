-- The discounts in force on a subscription (item_place is null) or one of its items, but not those
-- that come off once. Where the coupon isn't known, what comes off is null.
with given as (
    select
        subscription_id,
        cast(null as bigint) as item_place,
        cast(null as varchar) as product_id,
        unnest(discounts) as discount,
        unnest(range(len(discounts))) as discount_place
    from {{ ref('int_subscriptions') }}

    union all

    select
        subscription_id,
        item_place,
        product_id,
        unnest(discounts) as discount,
        unnest(range(len(discounts))) as discount_place
    from {{ ref('int_subscription_prices') }}
),

-- Where an object holds a discount's id alone, another may have held it whole.
resolved as (
    select
        given.subscription_id,
        given.item_place,
        given.product_id,
        given.discount_place,
        coalesce(given.discount.coupon_id, known.coupon_id) as coupon_id,
        {{ from_unix('coalesce(given.discount.starts, known.starts)') }} as starts_at,
        {{ from_unix('coalesce(given.discount.ends, known.ends)') }} as ends_at,
        {{ parse_expanded('coalesce(given.discount.coupon, known.coupon)', coupon_shape()) }}
            as coupon
    from given
    left join {{ ref('int_discounts') }} as known
        on
            given.discount.discount_id = known.discount_id
            and given.discount.coupon_id is null
),

terms as (
    select
        resolved.* exclude (coupon),
        coalesce(coupons.terms, resolved.coupon) as coupon,
        -- An empty list would restrict the coupon to nothing.
        coalesce(len(coalesce(coupons.terms, resolved.coupon).applies_to.products) > 0, false)
            as is_restricted
    from resolved
    left join {{ ref('stg_stripe__coupons') }} as coupons
        on resolved.coupon_id = coupons.coupon_id
)

select
    terms.subscription_id,
    terms.item_place,
    terms.discount_place,
    cast(try_cast(terms.coupon.percent_off as decimal(38, 9)) * 1000000000 as hugeint)
        as percent_e9,
    cast(case
        when terms.coupon.amount_off is null and terms.coupon.duration is not null then 0
        when lower(terms.coupon.currency) = subscriptions.currency then terms.coupon.amount_off
        else terms.coupon.currency_options[subscriptions.currency].amount_off
    end as hugeint) * 1000000000000000 as amount_off_e15,
    case when terms.is_restricted then terms.coupon.applies_to.products end as products
from terms
cross join {{ ref('run_clock') }} as clock
inner join {{ ref('int_subscriptions') }} as subscriptions
    on terms.subscription_id = subscriptions.subscription_id
where
    (terms.starts_at is null or terms.starts_at <= clock.as_of)
    and (terms.ends_at is null or terms.ends_at > clock.as_of)
    and coalesce(terms.coupon.duration in ('forever', 'repeating'), true)
    -- On an item of another product a coupon takes nothing.
    and (
        terms.item_place is null
        or not terms.is_restricted
        or terms.product_id in terms.coupon.applies_to.products
    )
