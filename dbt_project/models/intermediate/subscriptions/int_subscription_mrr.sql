{{ config(materialized='table') }}

{%- set period = struct_of({'per_year': 'periods_per_year', 'count': 'interval_count'}) -%}
{%- set frequency = whole_quotient(
    'cast(periods_per_year as bigint) * 1000000000', 'interval_count'
) %}

-- A subscription's recurring revenue a month in its own currency, in 10^-15 of the minor unit: what
-- its items come to, less its discounts, and never below 0. Null where a part of it can't be known,
-- as where none of its items is seen.
with items as (
    select *
    from {{ ref('int_subscription_item_mrr') }}
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
    from {{ ref('int_subscription_discounts') }} as discounts
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
        -- sqlfluff can't read a lambda with two parameters yet.
        {{ take_discounts_off('sums.monthly_e15', 'discounts.terms') }} as mrr_e15  -- noqa: PRS
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
from {{ ref('int_subscriptions') }} as subscriptions
left join revenue
    on subscriptions.subscription_id = revenue.subscription_id
