-- A subscription's recurring revenue converted at the rate of the as-of day, in whole 10^-21 parts
-- of the reporting minor unit; null where it isn't known or a rate is missing. 0 needs no rate.
with needed as (
    select
        subscriptions.*,
        cast(clock.as_of_local as date) as day,
        clock.reporting_currency,
        clock.reporting_exponent
    from {{ ref('int_subscription_mrr') }} as subscriptions
    cross join {{ ref('run_clock') }} as clock
),

rated as (
    select
        needed.*,
        {{ rate_e21(
            'case when needed.currency = needed.reporting_currency then 1 else needed.newest_rate end',
            'needed.currency_exponent',
            'needed.reporting_exponent'
        ) }} as rate_e21
    from ({{ with_newest_rate('needed', 'day') }}) as needed
)

select
    subscription_id,
    stripe_customer_id,
    currency,
    day,
    mrr_e15,
    rate_e21,
    {{ mrr_in_reporting('mrr_e15', 'rate_e21') }} as reporting_e21
from rated
