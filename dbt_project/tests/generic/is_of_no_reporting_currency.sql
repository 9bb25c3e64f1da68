{# No rate turns the reporting currency into anything but itself. #}
{% test is_of_no_reporting_currency(model) %}
{{ config(severity='warn') }}
select rates.day, rates.currency
from {{ model }} as rates
inner join {{ ref('run_clock') }} as clock
    on rates.currency = clock.reporting_currency
where rates.rate <> 1
{% endtest %}
