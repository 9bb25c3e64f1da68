{{ config(materialized='table') }}

-- The facts of a day, twice: those of the orders of that day, whenever their money moved, and those
-- whose money moved on it, whenever the order was placed. Each fact is in either sum once. Amounts that
-- aren't known, or lack a rate, make their sum null.
with placed as (
    {% for dating in ['order', 'money'] %}
        select
            '{{ dating }}' as dating,
            {{ dating }}_day as day,
            currency,
            currency_exponent,
            order_source,
            buyer,
            fact,
            amount_minor,
            reporting_e21
        from {{ ref('int_dated_sales') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    day,
    currency,
    currency_exponent,
    order_source,
    buyer,
    fact,
    {% for dating in ['order', 'money'] %}
    {%- set dated = "dating = '" ~ dating ~ "'" -%}
    count(*) filter (where {{ dated }}) as {{ dating }}_day_facts,
    {{ known_sum('amount_minor', dated) }} as {{ dating }}_day_minor,
    {{ known_sum('reporting_e21', dated) }} as {{ dating }}_day_e21
    {{- ',' if not loop.last }}
    {% endfor %}
from placed
group by day, currency, currency_exponent, order_source, buyer, fact
