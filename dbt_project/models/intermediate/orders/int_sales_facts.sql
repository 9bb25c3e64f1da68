{{ config(materialized='table') }}

-- What sales are made of, each fact with its own day and the rate in force on it; the rate is null
-- where none is known, and with it the converted amount. That is null as well where the amount isn't
-- known, or can't be set against its order for want of a rate.
with facts as (
    select
        'collected' as fact,
        orders.order_id as fact_id,
        orders.order_id,
        orders.stripe_customer_id,
        orders.currency,
        orders.currency_exponent,
        orders.ordered_at as happened_at,
        orders.collected_minor as amount_minor,
        orders.collected_minor is not null as is_known
    from {{ ref('int_orders') }} as orders
    where orders.collected_minor is null or orders.collected_minor <> 0

    union all

    select
        adjustment_type as fact,
        adjustment_id as fact_id,
        order_id,
        stripe_customer_id,
        currency,
        currency_exponent,
        adjusted_at as happened_at,
        -amount_minor as amount_minor,
        order_amount_minor is not null as is_known
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
    {{ rates_of_days('needed') }}
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
    case when dated.is_known then dated.amount_minor * rates.rate_e21 end as reporting_e21
from dated
-- A fact of unknown currency has no rate, and is kept.
left join rates
    on
        dated.currency = rates.currency
        and dated.fact_day = rates.fact_day
