-- Currencies whose newest rate is too old for what was converted with it: nothing is null for it, as
-- the newest rate before a day holds. A weekend and a bank's holidays are shorter than the limit.
with newest as (
    select
        rates.currency,
        max(rates.day) as rate_day
    from {{ ref('int_exchange_rates') }} as rates
    cross join {{ ref('run_clock') }} as clock
    where rates.day <= cast(clock.as_of_local as date)
    group by rates.currency
),

converted as (
    select
        currency,
        fact_day as day
    from {{ ref('int_sales_facts') }}
    where
        rate_day is not null
        and amount_minor is not null

    union all

    select
        facts.currency,
        facts.day
    from {{ ref('int_live_customer_mrr_facts') }} as facts
    cross join {{ ref('run_clock') }} as clock
    where
        facts.rate_e21 is not null
        and facts.currency <> clock.reporting_currency
)

select
    converted.currency,
    newest.rate_day,
    max(converted.day) as last_day,
    count(*) as facts
from converted
inner join newest
    on converted.currency = newest.currency
where converted.day > newest.rate_day + {{ setting('rates_max_age_days', '7') }}
group by
    converted.currency,
    newest.rate_day
