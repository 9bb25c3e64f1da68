{# The file of exchange rates has no line without a rate, as a template that isn't filled in yet has. #}
{% test every_line_has_a_rate(model) %}
{{ config(severity='warn') }}
{%- set file = setting('exchange_rates', '') %}
{%- if file %}
select day, currency
from {{ csv_rows(file, {'day': 'VARCHAR', 'currency': 'VARCHAR', 'rate': 'VARCHAR'}) }}
where nullif(trim(rate), '') is null
{%- else %}
select day, currency
from {{ model }}
where rate is null
{%- endif %}
{% endtest %}
