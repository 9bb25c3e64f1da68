{{ config(materialized='table') }}

-- How a subscription's recurring revenue came to be what it is: its own movements, each at the rate of
-- its day, and those of the exchange rate alone. What couldn't be converted for want of a rate moves with
-- the first one; what isn't known moves from the last level that was.
with rated as (
    select
        needed.*,
        clock.reporting_currency,
        clock.reporting_exponent,
        {{ rate_e21(
            'case when needed.currency = clock.reporting_currency then 1 else needed.newest_rate end',
            'needed.currency_exponent',
            'clock.reporting_exponent'
        ) }} as rate_e21
    from ({{ with_newest_rate(ref('int_mrr_points'), 'day') }}) as needed
    cross join {{ ref('run_clock') }} as clock
),

converted as (
    select
        *,
        {{ mrr_in_reporting('known_e15', 'rate_e21') }} as known_e21,
        {{ mrr_in_reporting('earlier_e15', 'rate_e21') }} as earlier_e21
    from rated
),

placed as (
    select
        *,
        -- The newest day before this one on which there was a rate.
        max(case when known_e21 is not null then day end) over (
            partition by subscription_id order by day
            rows between unbounded preceding and 1 preceding
        ) as last_day
    from converted
),

compared as (
    select
        placed.*,
        coalesce(last.known_e21, 0) as last_e21
    from placed
    left join converted as last
        on
            placed.subscription_id = last.subscription_id
            and placed.last_day = last.day
)

select
    subscription_id,
    stripe_customer_id,
    day,
    case
        when mrr_e15 is null then 'unknown'
        -- Back from being unknown to what it was.
        when mrr_e15 = earlier_e15 then 'known'
        when earlier_e15 = 0 and has_run then 'reactivation'
        when earlier_e15 = 0 then 'new'
        when mrr_e15 = 0 then 'churn'
        when mrr_e15 > earlier_e15 then 'expansion'
        else 'contraction'
    end as movement,
    currency,
    currency_exponent,
    reporting_currency,
    reporting_exponent,
    mrr_e15,
    case when mrr_e15 is not null then known_e21 end as reporting_e21,
    mrr_e15 - earlier_e15 as moved_e15,
    case when mrr_e15 is not null then known_e21 - earlier_e21 end as moved_e21,
    {{ to_minor_unit('mrr_e15') }} - {{ to_minor_unit('earlier_e15') }} as moved_minor,
    case
        when mrr_e15 is not null
            then {{ reporting_minor('known_e21') }} - {{ reporting_minor('earlier_e21') }}
    end as reporting_moved_minor,
    mrr_e15 is not null and currency is not null
    and (known_e21 is null or earlier_e21 is null) as lacks_rate
from compared
where is_level

union all

select
    subscription_id,
    stripe_customer_id,
    day,
    'currency' as movement,
    currency,
    currency_exponent,
    reporting_currency,
    reporting_exponent,
    mrr_e15,
    case when mrr_e15 is not null then known_e21 end as reporting_e21,
    0 as moved_e15,
    earlier_e21 - last_e21 as moved_e21,
    0 as moved_minor,
    {{ reporting_minor('earlier_e21') }} - {{ reporting_minor('last_e21') }}
        as reporting_moved_minor,
    false as lacks_rate
from compared
where earlier_e21 <> last_e21
