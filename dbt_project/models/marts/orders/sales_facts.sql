{{ config(materialized='view') }}

-- The facts of int_sales_facts as people read them; totals are sums of the exact ones.
select
    facts.fact,
    facts.fact_id,
    facts.order_id,
    facts.stripe_customer_id,
    facts.fact_day as day,
    facts.currency,
    {{ to_major('facts.amount_minor', 'facts.currency_exponent') }} as amount,
    cast(facts.amount_minor as bigint) as amount_minor,
    cast(facts.rate as decimal(38, 18)) as rate,
    facts.rate_day,
    clock.reporting_currency,
    {{ in_millionths('facts.reporting_e21', 'clock.reporting_exponent') }} as converted
from {{ ref('int_sales_facts') }} as facts
cross join {{ ref('run_clock') }} as clock
