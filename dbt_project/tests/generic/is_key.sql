{# The column is a key: never null, and no value twice. #}
{% test is_key(model, column_name) %}
select
    {{ column_name }},
    count(*) as copies
from {{ model }}
group by {{ column_name }}
having count(*) > 1 or {{ column_name }} is null
{% endtest %}
