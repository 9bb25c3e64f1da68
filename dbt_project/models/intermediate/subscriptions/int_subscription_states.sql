{{ config(materialized='table') }}

-- What a subscription was, from an instant on, as the versions that the lake has seen say: each version
-- from when it took effect, and again at each instant at which a discount on it begins or ends. An end
-- and the end of a trial have dates of their own; all else took effect when it was seen. The columns are
-- those of int_subscriptions that recurring revenue is computed from, `subscription_id` being the
-- state's own id; `as_of` is its instant.
with versions as (
    select
        versions.*,
        subscriptions.stripe_customer_id,
        subscriptions.currency,
        subscriptions.currency_exponent,
        clock.as_of,
        invoiced.paid_until,
        case
            when
                versions.has_paused_collection
                and versions.subscription_status in ('active', 'trialing', 'past_due')
                then 'paused'
            else versions.subscription_status
        end as counted_status,
        lag(versions.subscription_status) over (
            partition by versions.subscription_id order by versions.observed_at
        ) as earlier_status,
        lag(versions.observed_at) over (
            partition by versions.subscription_id order by versions.observed_at
        ) as earlier_at
    from {{ ref('stg_stripe__subscription_versions') }} as versions
    inner join {{ ref('int_subscriptions') }} as subscriptions
        on versions.subscription_id = subscriptions.subscription_id
    cross join {{ ref('run_clock') }} as clock
    left join (
        select
            subscription_id,
            max(paid_until) as paid_until
        from {{ ref('int_invoiced_mrr') }}
        group by subscription_id
    ) as invoiced
        on versions.subscription_id = invoiced.subscription_id
),

dated as (
    select
        *,
        least(observed_at, case
            when counted_status in ('canceled', 'incomplete_expired')
                then coalesce(ended_at, observed_at)
            when
                earlier_status = 'trialing'
                and counted_status in ('active', 'past_due')
                and trial_ends_at > earlier_at
                then trial_ends_at
            -- What doesn't run when it is first seen ran for as long as it was paid for.
            when earlier_at is null and counted_status not in ('active', 'past_due')
                then coalesce(paid_until, observed_at)
            else observed_at
        end) as said_at
    from versions
),

effective as (
    select
        *,
        max(said_at) over (
            partition by subscription_id order by observed_at
            rows between unbounded preceding and current row
        ) as from_at
    from dated
),

ranged as (
    select
        *,
        lead(from_at) over (partition by subscription_id order by observed_at) as until_at
    from effective
),

-- The discounts that a version may bear: its own, its items' and its customer's.
listed as (
    select
        subscription_id,
        observed_at,
        discounts
    from ranged

    union all

    select
        subscription_id,
        observed_at,
        {{ joined_field('items', 'discounts') }} as discounts
    from ranged

    union all

    select
        ranged.subscription_id,
        ranged.observed_at,
        customers.discounts
    from ranged
    inner join {{ ref('stg_stripe__customers') }} as customers
        on ranged.stripe_customer_id = customers.customer_id
),

given as (
    {{ unnested('listed', ['subscription_id', 'observed_at'], 'discounts', 'discount') }}
),

bounds as (
    select
        given.subscription_id,
        given.observed_at,
        {{ from_unix('coalesce(given.discount.starts, known.starts)') }} as starts_at,
        {{ from_unix('coalesce(given.discount.ends, known.ends)') }} as ends_at
    from given
    left join {{ ref('int_discounts') }} as known
        on
            given.discount.discount_id = known.discount_id
            and given.discount.coupon_id is null
),

instants as (
    select
        subscription_id,
        observed_at,
        from_at as instant
    from ranged

    union

    select
        ranged.subscription_id,
        ranged.observed_at,
        bounds.starts_at as instant
    from ranged
    inner join bounds
        on
            ranged.subscription_id = bounds.subscription_id
            and ranged.observed_at = bounds.observed_at
            and ranged.from_at < bounds.starts_at
            and coalesce(ranged.until_at, ranged.as_of) >= bounds.starts_at

    union

    select
        ranged.subscription_id,
        ranged.observed_at,
        bounds.ends_at as instant
    from ranged
    inner join bounds
        on
            ranged.subscription_id = bounds.subscription_id
            and ranged.observed_at = bounds.observed_at
            and ranged.from_at < bounds.ends_at
            and coalesce(ranged.until_at, ranged.as_of) >= bounds.ends_at
)

select
    ranged.subscription_id || ' ' || cast(row_number() over (
        partition by ranged.subscription_id order by ranged.observed_at, instants.instant
    ) as varchar) as subscription_id,
    ranged.subscription_id as state_of,
    row_number() over (
        partition by ranged.subscription_id order by ranged.observed_at, instants.instant
    ) as place,
    instants.instant as as_of,
    ranged.stripe_customer_id,
    ranged.counted_status,
    ranged.currency,
    ranged.currency_exponent,
    ranged.items,
    ranged.discounts,
    ranged.current_period_starts_at,
    ranged.current_period_ends_at,
    false as is_deleted
from ranged
inner join instants
    on
        ranged.subscription_id = instants.subscription_id
        and ranged.observed_at = instants.observed_at
where instants.instant <= ranged.as_of
