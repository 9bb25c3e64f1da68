{{ config(materialized='table') }}

-- What went back of each order, in its own currency and in the order's. Two currencies are never
-- subtracted: a dispute in another one is converted by the two rates of its own day, rounded half up,
-- and is null in the order's without them, or where the order's currency is unknown.
with adjustments as (
    select
        adjustments.*,
        case when adjustments.currency is not null then coalesce(currencies.exponent, 2) end
            as currency_exponent,
        cast({{ to_local('adjustments.adjusted_at', 'clock.reporting_timezone') }} as date)
            as fact_day
    from {{ ref('int_adjustments_by_order') }} as adjustments
    cross join {{ ref('run_clock') }} as clock
    left join {{ ref('currencies') }} as currencies
        on adjustments.currency = currencies.currency
),

needed as (
    select
        currency,
        currency_exponent,
        fact_day
    from adjustments
    where currency <> order_currency

    union

    select
        order_currency as currency,
        order_currency_exponent as currency_exponent,
        fact_day
    from adjustments
    where currency <> order_currency
),

rates as (
    {{ rates_of_days('needed') }}
)

select
    adjustments.adjustment_id,
    adjustments.order_id,
    adjustments.stripe_customer_id,
    adjustments.adjustment_type,
    adjustments.adjusted_at,
    adjustments.currency,
    adjustments.is_counted,
    adjustments.currency_exponent,
    adjustments.amount_minor,
    adjustments.order_currency,
    case
        when
            adjustments.currency = adjustments.order_currency
            or coalesce(adjustments.currency, adjustments.order_currency) is null
            then adjustments.amount_minor
        else {{ divide_half_up('adjustments.amount_minor * own.rate_e21', 'of_order.rate_e21') }}
    end as order_amount_minor,
    adjustments.fact_day,
    -- A rate is only looked for where the currencies differ.
    coalesce(adjustments.currency <> adjustments.order_currency, false)
    and own.rate_e21 is null as lacks_own_rate,
    coalesce(adjustments.currency <> adjustments.order_currency, false)
    and of_order.rate_e21 is null as lacks_order_rate
from adjustments
left join rates as own
    on
        adjustments.currency = own.currency
        and adjustments.fact_day = own.fact_day
left join rates as of_order
    on
        adjustments.order_currency = of_order.currency
        and adjustments.fact_day = of_order.fact_day
