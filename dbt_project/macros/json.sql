{# Parse a JSON text once, into the struct that `shape` (nested dicts and lists of types) names. #}
{% macro parse_json(text, shape) -%}
    {{ return(adapter.dispatch('parse_json')(text, shape)) }}
{%- endmacro %}

{% macro duckdb__parse_json(text, shape) -%}
    from_json({{ text }}, '{{ tojson(shape) }}')
{%- endmacro %}


{# A JSON object, as text, of names and SQL expressions. #}
{% macro json_text(fields) -%}
    {{ return(adapter.dispatch('json_text')(fields)) }}
{%- endmacro %}

{% macro duckdb__json_text(fields) -%}
    cast(json_object(
        {%- for name, expression in fields.items() %}
        '{{ name }}', {{ expression }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}
