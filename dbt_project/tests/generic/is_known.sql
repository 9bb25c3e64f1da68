{# The amount is known where `condition` holds: unknown is null, and what is made of it is, too. #}
{% test is_known(model, column_name, condition='true') %}
{{ config(severity='warn') }}
select {{ column_name }}
from {{ model }}
where
    {{ column_name }} is null
    and ({{ condition }})
{% endtest %}
