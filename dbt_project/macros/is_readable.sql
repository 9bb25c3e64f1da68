{#
    Aggregate over raw.resource_access: whether the key may read a resource. One that no sync has
    judged counts as readable: then its table says what is there.
#}
{% macro is_readable(resource) -%}
    coalesce(bool_and(is_readable) filter (where resource = '{{ resource }}'), true)
{%- endmacro %}
