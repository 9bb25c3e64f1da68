select
    sales.day,
    sales.currency,
    sales.order_source,
    sales.buyer,
    sales.fact,
    clock.reporting_currency,
    {% for dating in ['order', 'money'] %}
    {%- set converted = divide_half_up(
        'sales.' ~ dating ~ '_day_e21', '1000000000000000000000'
    ) -%}
    sales.{{ dating }}_day_facts,
    {{ to_major('sales.' ~ dating ~ '_day_minor', 'sales.currency_exponent') }}
        as {{ dating }}_day_amount,
    cast(sales.{{ dating }}_day_minor as bigint) as {{ dating }}_day_amount_minor,
    {{ to_major(converted, 'clock.reporting_exponent') }} as {{ dating }}_day_converted,
    {{ converted }} as {{ dating }}_day_converted_minor
    {{- ',' if not loop.last }}
    {% endfor %}
from {{ ref('int_sales_by_day') }} as sales
cross join {{ ref('run_clock') }} as clock
