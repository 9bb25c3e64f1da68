{{ config(materialized='table') }}

-- What sales are made of, each fact with its own day and the rate in force on it; both the rate
-- and the converted amount are null where no rate is known.
with facts as (
    select
        'collected' as fact,
        orders.order_id as fact_id,
        orders.order_id,
        orders.stripe_customer_id,
        orders.currency,
        orders.currency_exponent,
        orders.ordered_at as happened_at,
        orders.collected_minor as amount_minor
    from {{ ref('int_orders') }} as orders
    where orders.collected_minor <> 0

    union all

    select
        adjustment_type as fact,
        adjustment_id as fact_id,
        order_id,
        stripe_customer_id,
        currency,
        currency_exponent,
        adjusted_at as happened_at,
        -amount_minor as amount_minor
    from {{ ref('int_order_adjustments') }}
    where is_counted
),

dated as (
    select
        facts.*,
        cast({{ to_local('facts.happened_at', 'clock.reporting_timezone') }} as date) as fact_day
    from facts
    cross join {{ ref('run_clock') }} as clock
),

needed as (
    select distinct
        currency,
        currency_exponent,
        fact_day
    from dated
),

rates as (
    select
        needed.currency,
        needed.currency_exponent,
        needed.fact_day,
        clock.reporting_exponent,
        case when needed.currency <> clock.reporting_currency then rates.day end as rate_day,
        case when needed.currency = clock.reporting_currency then 1 else rates.rate end as rate
    from needed
    cross join {{ ref('run_clock') }} as clock
    asof left join {{ ref('exchange_rates') }} as rates
        on
            needed.currency = rates.currency
            and needed.fact_day >= rates.day
),

exact_rates as (
    select
        *,
        {{ rate_e21('rate', 'currency_exponent', 'reporting_exponent') }} as rate_e21
    from rates
)

select
    dated.fact,
    dated.fact_id,
    dated.order_id,
    dated.stripe_customer_id,
    dated.currency,
    dated.fact_day,
    dated.amount_minor,
    dated.currency_exponent,
    rates.rate,
    rates.rate_day,
    rates.rate_e21,
    dated.amount_minor * rates.rate_e21 as reporting_e21
from dated
inner join exact_rates as rates
    on
        dated.currency = rates.currency
        and dated.fact_day = rates.fact_day
