{#
    A setting of the product: the var of that name, else STRIPE_PIPELINE_<NAME>, else the default.
    The environment is read when dbt renders SQL, not when it parses: one parse serves all homes and
    runs, with any settings. So no setting may decide what a model refers to or how it is built.
#}
{% macro setting(name, default) -%}
    {%- set given = var(name, none) -%}
    {%- if given is none and execute -%}
        {%- set given = env_var('STRIPE_PIPELINE_' ~ name | upper, '') -%}
    {%- endif -%}
    {{- return(given if given is not none and given | string | trim else default) -}}
{%- endmacro %}


{# A text as a SQL literal. #}
{% macro literal(text) -%}
    '{{ text | string | replace("'", "''") }}'
{%- endmacro %}
