{#
    The steps from subscriptions to their recurring revenue. They are macros as two models take them:
    int_subscription_mrr for what is, int_state_mrr for what was. Each parameter is a relation
    with the columns of the model of its name.
#}


{# The discounts in force on the subscriptions and their items (query). `clock` is the join that brings
    `clock.as_of`, the instant at which they are. #}
{% macro subscription_discounts(subscriptions, prices, clock) %}
with listed as (
    select
        subscription_id,
        cast(null as bigint) as item_place,
        cast(null as varchar) as product_id,
        false as is_of_customer,
        discounts
    from {{ subscriptions }}

    union all

    select
        subscriptions.subscription_id,
        cast(null as bigint) as item_place,
        cast(null as varchar) as product_id,
        true as is_of_customer,
        customers.discounts
    from {{ subscriptions }} as subscriptions
    inner join {{ ref('stg_stripe__customers') }} as customers
        on subscriptions.stripe_customer_id = customers.customer_id

    union all

    select
        subscription_id,
        item_place,
        product_id,
        false as is_of_customer,
        discounts
    from {{ prices }}
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
    {{ clock }}
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
inner join {{ subscriptions }} as subscriptions
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
{% endmacro %}


{# What each item comes to a month after its own discounts (query). #}
{% macro subscription_item_mrr(amounts, in_force_discounts) %}
with discounts as (
    select
        items.subscription_id,
        items.item_place,
        {{ list_in_order(
            struct_of({
                'percent_e9': 'discounts.percent_e9',
                'amount_e15': per_month_e15(
                    'discounts.amount_off_e15', 'items.periods_per_year', 'items.interval_count'
                ),
                'share': whole_share(),
            }),
            'discounts.discount_place'
        ) }} as terms
    from {{ in_force_discounts }} as discounts
    inner join {{ amounts }} as items
        on
            discounts.subscription_id = items.subscription_id
            and discounts.item_place = items.item_place
    group by items.subscription_id, items.item_place
)

select
    items.subscription_id,
    items.item_place,
    items.product_id,
    items.is_metered,
    items.periods_per_year,
    items.interval_count,
    {{ take_discounts_off('items.monthly_e15', 'discounts.terms') }} as monthly_e15
from {{ amounts }} as items
left join discounts
    on
        items.subscription_id = discounts.subscription_id
        and items.item_place = discounts.item_place
{% endmacro %}


{# What the subscriptions bring in a month (query). #}
{% macro subscription_mrr(subscriptions, item_mrr, in_force_discounts) %}
{%- set period = struct_of({'per_year': 'periods_per_year', 'count': 'interval_count'}) -%}
{%- set frequency = whole_quotient(
    'cast(periods_per_year as bigint) * 1000000000', 'interval_count'
) %}
with items as (
    select *
    from {{ item_mrr }}
),

sums as (
    select
        subscription_id,
        case when bool_and(monthly_e15 is not null) then sum(monthly_e15) end as monthly_e15,
        -- The shortest billing period, in which an amount comes off once.
        coalesce(
            {{ last_value_by(period, [frequency], 'not is_metered') }},
            {{ last_value_by(period, [frequency]) }}
        ) as period
    from items
    group by subscription_id
),

-- What of the sum a coupon for certain products may come off.
parts as (
    select
        discounts.subscription_id,
        discounts.discount_place,
        discounts.percent_e9,
        discounts.amount_off_e15,
        discounts.products,
        sum(items.monthly_e15) filter (
            where {{ is_in_list('items.product_id', 'discounts.products') }}
        ) as part_e15
    from {{ in_force_discounts }} as discounts
    inner join items
        on discounts.subscription_id = items.subscription_id
    where discounts.item_place is null
    group by
        discounts.subscription_id,
        discounts.discount_place,
        discounts.percent_e9,
        discounts.amount_off_e15,
        discounts.products
),

discounts as (
    select
        parts.subscription_id,
        {{ list_in_order(
            struct_of({
                'percent_e9': 'parts.percent_e9',
                'amount_e15': per_month_e15(
                    'parts.amount_off_e15', 'sums.period.per_year', 'sums.period.count'
                ),
                'share': 'case when parts.products is null then ' ~ whole_share()
                    ~ ' else ' ~ share_of('parts.part_e15', 'sums.monthly_e15') ~ ' end',
            }),
            'parts.discount_place'
        ) }} as terms
    from parts
    inner join sums
        on parts.subscription_id = sums.subscription_id
    group by parts.subscription_id
),

revenue as (
    select
        sums.subscription_id,
            {{ take_discounts_off('sums.monthly_e15', 'discounts.terms') }} as mrr_e15
    from sums
    left join discounts
        on sums.subscription_id = discounts.subscription_id
)

select
    subscriptions.subscription_id,
    subscriptions.stripe_customer_id,
    subscriptions.currency,
    subscriptions.currency_exponent,
    cast(case
        when not {{ is_billed('subscriptions.counted_status') }} then 0
        when revenue.mrr_e15 < 0 then 0
        else revenue.mrr_e15
    end as {{ wide_integer() }}) as mrr_e15
from {{ subscriptions }} as subscriptions
left join revenue
    on subscriptions.subscription_id = revenue.subscription_id
{% endmacro %}
