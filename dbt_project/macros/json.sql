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


{#
    The id in a field that Stripe fills with an id or, where it was expanded, with the whole object.
    The field is of type VARCHAR in parse_json's shape: an object is then its own JSON text.
#}
{% macro reference(field) -%}
    {{ return(adapter.dispatch('reference')(field)) }}
{%- endmacro %}

{% macro duckdb__reference(field) -%}
    case
        when starts_with({{ field }}, '{') then json_extract_string({{ field }}, '$.id')
        else {{ field }}
    end
{%- endmacro %}


{# A field of such an object as text, by its path; null where only the id came. #}
{% macro expanded(field, path) -%}
    {{ return(adapter.dispatch('expanded')(field, path)) }}
{%- endmacro %}

{% macro duckdb__expanded(field, path) -%}
    case when starts_with({{ field }}, '{') then json_extract_string({{ field }}, '$.{{ path }}') end
{%- endmacro %}
