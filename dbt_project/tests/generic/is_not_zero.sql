{# No value is zero or missing. #}
{% test is_not_zero(model, column_name) %}
select {{ column_name }}
from {{ model }}
where coalesce({{ column_name }}, 0) = 0
{% endtest %}
