-- The discounts in force on a subscription (item_place is null) or one of its items, but not those
-- that come off once; on a subscription that has none of its own in force, the customer's, as on the
-- invoices. Where the coupon isn't known, what comes off is null.
with listed as (
    select
        subscription_id,
        cast(null as bigint) as item_place,
        cast(null as varchar) as product_id,
        false as is_of_customer,
        discounts
    from {{ ref('int_subscriptions') }}

    union all

    select
        subscriptions.subscription_id,
        cast(null as bigint) as item_place,
        cast(null as varchar) as product_id,
        true as is_of_customer,
        customers.discounts
    from {{ ref('int_subscriptions') }} as subscriptions
    inner join {{ ref('stg_stripe__customers') }} as customers
        on subscriptions.stripe_customer_id = customers.customer_id

    union all

    select
        subscription_id,
        item_place,
        product_id,
        false as is_of_customer,
        discounts
    from {{ ref('int_subscription_prices') }}
),

given as (
    {{ unnested(
        'listed',
        ['subscription_id', 'item_place', 'product_id', 'is_of_customer'],
        'discounts',
        'discount',
        place='place'
    ) }}
),

-- Where an object holds a discount's id alone, another may have held it whole.
resolved as (
    select
        given.subscription_id,
        given.item_place,
        given.product_id,
        given.is_of_customer,
        given.place - 1 as discount_place,
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

in_force as (
    select resolved.*
    from resolved
    cross join {{ ref('run_clock') }} as clock
    where
        (resolved.starts_at is null or resolved.starts_at <= clock.as_of)
        and (resolved.ends_at is null or resolved.ends_at > clock.as_of)
),

applied as (
    select *
    from in_force
    where
        not is_of_customer
        or not exists (
            select 1
            from in_force as own
            where
                own.subscription_id = in_force.subscription_id
                and own.item_place is null
                and not own.is_of_customer
        )
),

terms as (
    select
        applied.subscription_id,
        applied.item_place,
        applied.discount_place,
        applied.product_id,
        coalesce(coupons.terms, applied.coupon) as coupon,
        -- An empty list would restrict the coupon to nothing.
        coalesce(
            {{ list_length(
                'coalesce(coupons.terms, applied.coupon).applies_to.products'
            ) }} > 0,
            false
        ) as is_restricted
    from applied
    left join {{ ref('stg_stripe__coupons') }} as coupons
        on applied.coupon_id = coupons.coupon_id
)

select
    terms.subscription_id,
    terms.item_place,
    terms.discount_place,
    -- More than all, or less than nothing, is no percentage: unknown.
    cast(case
        when try_cast(terms.coupon.percent_off as decimal(38, 9)) between 0 and 100
            then try_cast(terms.coupon.percent_off as decimal(38, 9)) * 1000000000
    end as {{ wide_integer() }}) as percent_e9,
    cast(case
        when
            terms.coupon.percent_off is not null
            and coalesce(
                try_cast(terms.coupon.percent_off as decimal(38, 9)) not between 0 and 100, true
            )
            then null
        when terms.coupon.amount_off is null and terms.coupon.duration is not null then 0
        when {{ lower_ascii('terms.coupon.currency') }} = subscriptions.currency
            then terms.coupon.amount_off
        else terms.coupon.currency_options[subscriptions.currency].amount_off
    end as {{ wide_integer() }}) * 1000000000000000 as amount_off_e15,
    case when terms.is_restricted then terms.coupon.applies_to.products end as products
from terms
inner join {{ ref('int_subscriptions') }} as subscriptions
    on terms.subscription_id = subscriptions.subscription_id
where
    coalesce(terms.coupon.duration in ('forever', 'repeating'), true)
    -- On an item of another product a coupon takes nothing.
    and (
        terms.item_place is null
        or not terms.is_restricted
        or {{ is_in_list(
            'terms.product_id', 'terms.coupon.applies_to.products'
        ) }}
    )
