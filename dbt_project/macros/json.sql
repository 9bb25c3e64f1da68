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


{# Whether a field (see reference) holds the whole object; null of null. #}
{% macro is_whole(field) -%}
    {{ return(adapter.dispatch('is_whole')(field)) }}
{%- endmacro %}

{% macro duckdb__is_whole(field) -%}
    starts_with({{ field }}, '{')
{%- endmacro %}

{% macro spark__is_whole(field) -%}
    startswith({{ field }}, '{')
{%- endmacro %}


{# A field of a JSON text as text, by its path; null where it isn't there. #}
{% macro json_field(text, path) -%}
    {{ return(adapter.dispatch('json_field')(text, path)) }}
{%- endmacro %}

{% macro duckdb__json_field(text, path) -%}
    json_extract_string({{ text }}, '$.{{ path }}')
{%- endmacro %}

{% macro spark__json_field(text, path) -%}
    get_json_object({{ text }}, '$.{{ path }}')
{%- endmacro %}


{#
    The id in a field that Stripe fills with an id or, where it was expanded, with the whole object.
    The field is of type VARCHAR in parse_json's shape: an object is then its own JSON text.
#}
{% macro reference(field) -%}
    case when {{ is_whole(field) }} then {{ json_field(field, 'id') }} else {{ field }} end
{%- endmacro %}


{# A field of such an object as text, by its path; null where only the id came. #}
{% macro expanded(field, path) -%}
    case when {{ is_whole(field) }} then {{ json_field(field, path) }} end
{%- endmacro %}


{# A row for each object in a list of Stripe's (query): the columns named, and its own JSON text. #}
{% macro json_items_of(relation, columns, body, list, item) -%}
    {{ return(adapter.dispatch('json_items_of')(relation, columns, body, list, item)) }}
{%- endmacro %}

{% macro duckdb__json_items_of(relation, columns, body, list, item) -%}
    {%- set parsed = parse_json(body, {list: {'data': ['JSON']}}) -%}
    {{ unnested(relation, columns, '(' ~ parsed ~ ').' ~ list ~ '.data', item) }}
{%- endmacro %}
