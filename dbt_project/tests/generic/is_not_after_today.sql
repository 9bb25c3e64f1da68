{# No rate is of a day to come: such a day is a mistake in most files, and is used for nothing until then.
   Today is the real one, whatever as-of is; it begins a day earlier east of Greenwich. #}
{% test is_not_after_today(model) %}
{{ config(severity='warn') }}
select day, currency
from {{ model }}
where day > current_date + 1
{% endtest %}
