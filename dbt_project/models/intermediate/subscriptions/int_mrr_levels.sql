{{ config(materialized='table') }}

-- What a subscription brought in a month at the end of each day on which that changed: by its paid
-- invoices until it was first seen, then by what was seen of it, and on the as-of day by what is.
with began as (
    select
        subscription_id,
        min(from_at) as seen_at
    from {{ ref('int_state_mrr') }}
    group by subscription_id
),

known as (
    select
        invoiced.subscription_id,
        invoiced.from_at,
        0 as source,
        0 as place,
        invoiced.mrr_e15
    from {{ ref('int_invoiced_mrr') }} as invoiced
    left join began
        on invoiced.subscription_id = began.subscription_id
    where began.seen_at is null or invoiced.from_at < began.seen_at

    union all

    select
        subscription_id,
        from_at,
        1 as source,
        place,
        mrr_e15
    from {{ ref('int_state_mrr') }}

    union all

    select
        subscriptions.subscription_id,
        clock.as_of as from_at,
        2 as source,
        0 as place,
        subscriptions.mrr_e15
    from {{ ref('int_subscription_mrr') }} as subscriptions
    cross join {{ ref('run_clock') }} as clock
),

dated as (
    select
        known.*,
        cast({{ to_local('known.from_at', 'clock.reporting_timezone') }} as date) as day
    from known
    cross join {{ ref('run_clock') }} as clock
    where known.from_at <= clock.as_of
),

days as (
    select
        *,
        row_number() over (
            partition by subscription_id, day order by from_at desc, source desc, place desc
        ) as from_last
    from dated
),

compared as (
    select
        subscription_id,
        day,
        mrr_e15,
        lag(mrr_e15) over (partition by subscription_id order by day) as earlier_e15,
        row_number() over (partition by subscription_id order by day) as number
    from days
    where from_last = 1
)

select
    subscription_id,
    day,
    mrr_e15
from compared
where
    case
        when number = 1 then mrr_e15 is null or mrr_e15 <> 0
        when mrr_e15 is null then earlier_e15 is not null
        else earlier_e15 is null or mrr_e15 <> earlier_e15
    end
