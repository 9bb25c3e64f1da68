{#
    An email address trimmed and in lower case, or null if it is none: one @, a non-empty local
    part, a dotted domain, no blanks or controls (Unicode Z, Cc and Cf) inside. International
    domains stay in Unicode.
#}
{% macro normalize_email(text) -%}
    {{ return(adapter.dispatch('normalize_email')(text)) }}
{%- endmacro %}

{% macro duckdb__normalize_email(text) -%}
    nullif(
        regexp_extract(
            lower(regexp_replace(
                {{ text }}, '^[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+$', '', 'g'
            )),
            '^[^@\p{Z}\p{Cc}\p{Cf}]+@[^@.\p{Z}\p{Cc}\p{Cf}]+(\.[^@.\p{Z}\p{Cc}\p{Cf}]+)+$'
        ),
        ''
    )
{%- endmacro %}
