{# A setting of the product: the var of that name, else STRIPE_PIPELINE_<NAME>, else the default. #}
{% macro setting(name, default) -%}
    {%- set given = var(name, none) -%}
    {%- if given is none -%}
        {%- set given = env_var('STRIPE_PIPELINE_' ~ name | upper, '') -%}
    {%- endif -%}
    {{- return(given if given is not none and given | string | trim else default) -}}
{%- endmacro %}


{# A text as a SQL literal. #}
{% macro literal(text) -%}
    '{{ text | string | replace("'", "''") }}'
{%- endmacro %}
