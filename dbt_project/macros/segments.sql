{#
    The fields of customer_profiles that a segment's rule names, as its model says in
    `config(meta={'fields': [...]})`: who lacks an exchange rate for one of them can't be decided.
#}
{% macro segment_fields(segment) -%}
    {%- if not execute -%}
        {{- return([]) -}}
    {%- endif -%}
    {%- set model = graph.nodes['model.' ~ project_name ~ '.segment_' ~ segment] -%}
    {%- set fields = model.config.meta.get('fields') -%}
    {%- if fields is none -%}
        {{- exceptions.raise_compiler_error(
            'segment_' ~ segment ~ " doesn't say which fields of a profile its rule names; add them "
            ~ "to its SQL: config(meta={'fields': ['stripe_total_orders']})"
        ) -}}
    {%- endif -%}
    {{- return(fields) -}}
{%- endmacro %}
