{#
    One row per `columns`: no combination of them twice, and none of them null but those that
    `nullable` names. Without columns, the model has exactly one row.

    It holds the SQL to what its description promises, as a unit test does, and not the data: so
    `make test` runs it, and no run of the pipeline (see the tag in stripe_pipeline/warehouse).
#}
{% test grain(model, columns, nullable=[]) %}
{{ config(tags=['grain']) }}
{%- if columns %}
select
    {{ columns | join(', ') }},
    count(*) as copies
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{%- else %}
select count(*) as copies
from {{ model }}
having count(*) <> 1
{%- endif %}
{% endtest %}
