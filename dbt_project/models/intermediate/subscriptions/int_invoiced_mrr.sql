{{ config(materialized='table') }}

-- What a subscription brought in a month from an instant on, as its paid invoices say: the lines of
-- its items, less the discounts that last, each for its period. A line holds until the next one of its
-- item begins. Periods that no later one follows stay open: whether they were renewed is for the
-- versions of the subscription to say. Null where an amount or a billing period isn't known.
with lasting as (
    {{ unnested(
        ref('stg_stripe__invoice_lines'),
        ['invoice_id', 'invoice_line_id'],
        'discount_amounts',
        'taken'
    ) }}
),

discounts as (
    select
        lasting.invoice_id,
        lasting.invoice_line_id,
        sum(lasting.taken.amount) as amount_minor
    from lasting
    left join {{ ref('int_discounts') }} as known
        on {{ reference('lasting.taken.discount') }} = known.discount_id
    left join {{ ref('stg_stripe__coupons') }} as coupons
        on known.coupon_id = coupons.coupon_id
    -- What comes off once is no part of recurring revenue.
    where
        coalesce(coupons.terms.duration, {{ expanded('known.coupon', 'duration') }}, 'forever')
        <> 'once'
    group by lasting.invoice_id, lasting.invoice_line_id
),

lines as (
    select
        subscriptions.subscription_id,
        lines.invoice_id,
        invoices.created_at,
        coalesce(lines.subscription_item_id, lines.price_id) as item_id,
        lines.starts_at,
        lines.ends_at,
        case
            when invoices.currency = subscriptions.currency
                then lines.amount_minor - coalesce(discounts.amount_minor, 0)
        end as amount_minor,
        coalesce(lines.recurring_interval, prices.recurring_interval) as recurring_interval,
        coalesce(lines.interval_count, prices.interval_count, 1) as interval_count,
        -- A price that was read and doesn't recur is no part of it either.
        lines.recurring_interval is null and prices.price_id is not null
        and prices.recurring_interval is null as is_paid_once
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    inner join {{ ref('stg_stripe__invoices') }} as invoices
        on lines.invoice_id = invoices.invoice_id
    inner join {{ ref('int_subscriptions') }} as subscriptions
        on invoices.subscription_id = subscriptions.subscription_id
    cross join {{ ref('run_clock') }} as clock
    cross join {{ ref('int_readable_resources') }} as readable
    left join {{ ref('stg_stripe__prices') }} as prices
        on lines.price_id = prices.price_id
    left join discounts
        on
            lines.invoice_id = discounts.invoice_id
            and lines.invoice_line_id = discounts.invoice_line_id
    where
        readable.invoices
        and invoices.invoice_status = 'paid'
        and invoices.created_at <= clock.as_of
        and not lines.is_proration
        and not lines.is_metered
        and not coalesce(prices.is_metered, false)
        and lines.subscription_item_id is not null
        and lines.ends_at > lines.starts_at
),

-- A period that was invoiced twice counts as the later invoice says.
newest as (
    select
        *,
        case recurring_interval
            when 'day' then 365
            when 'week' then 52
            when 'month' then 12
            when 'year' then 1
        end as periods_per_year,
        {{ minor_e15('cast(null as varchar)', 'amount_minor') }} as amount_e15
    from lines
    where not is_paid_once
    qualify
        rank() over (
            partition by subscription_id, item_id, starts_at
            order by created_at desc, invoice_id desc
        ) = 1
),

monthly as (
    select
        *,
        case
            when interval_count > 0
                then {{ per_month_e15('amount_e15', 'periods_per_year', 'interval_count') }}
        end as monthly_e15
    from newest
),

periods as (
    select
        subscription_id,
        item_id,
        starts_at,
        max(ends_at) as ends_at,
        {{ known_sum('monthly_e15', 'true') }} as monthly_e15
    from monthly
    group by subscription_id, item_id, starts_at
),

bounded as (
    select
        subscription_id,
        starts_at,
        max(ends_at) over (partition by subscription_id) as paid_until,
        max(starts_at) over (partition by subscription_id) as last_starts_at,
        least(
            ends_at,
            coalesce(
                lead(starts_at) over (
                    partition by subscription_id, item_id order by starts_at
                ),
                ends_at
            )
        ) as ends_at,
        monthly_e15
    from periods
),

steps as (
    select
        subscription_id,
        starts_at as from_at,
        paid_until,
        coalesce(monthly_e15, 0) as step_e15,
        case when monthly_e15 is null then 1 else 0 end as unknown
    from bounded

    union all

    select
        subscription_id,
        ends_at as from_at,
        paid_until,
        -coalesce(monthly_e15, 0) as step_e15,
        case when monthly_e15 is null then -1 else 0 end as unknown
    from bounded
    where ends_at <= last_starts_at
),

instants as (
    select
        subscription_id,
        from_at,
        max(paid_until) as paid_until,
        sum(step_e15) as step_e15,
        sum(unknown) as unknown
    from steps
    group by subscription_id, from_at
),

sums as (
    select
        subscription_id,
        from_at,
        paid_until,
        sum(step_e15) over (partition by subscription_id order by from_at) as sum_e15,
        sum(unknown) over (partition by subscription_id order by from_at) as unknown
    from instants
)

select
    subscription_id,
    from_at,
    paid_until,
    cast(case when unknown = 0 then greatest(sum_e15, 0) end as {{ wide_integer() }}) as mrr_e15
from sums
