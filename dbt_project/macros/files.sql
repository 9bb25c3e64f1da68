{#
    The rows of a CSV file with a header (FROM clause); `columns` are its columns with their types.
    It was checked before the run; not strictly, as Windows and Unix may both have written to it.
#}
{% macro csv_rows(file, columns) -%}
    {{ return(adapter.dispatch('csv_rows')(file, columns)) }}
{%- endmacro %}

{% macro duckdb__csv_rows(file, columns) -%}
    read_csv(
        {{ literal(duckdb__file_pattern(file)) }}, auto_detect = false, strict_mode = false, header = true, delim = ',', quote = '"', escape = '"',
        columns = { {%- for name, type in columns.items() %}'{{ name }}': '{{ type }}'{{ ', ' if not loop.last }}{% endfor -%} }
    )
{%- endmacro %}


{# A path with its glob characters escaped, for functions of the engine that take patterns. #}
{% macro file_pattern(path) -%}
    {{ return(adapter.dispatch('file_pattern')(path)) }}
{%- endmacro %}

{% macro duckdb__file_pattern(path) -%}
    {{ path | string | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]') }}
{%- endmacro %}
