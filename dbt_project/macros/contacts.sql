{#
    An email address trimmed and in lower case, or null if it is none: one @, a non-empty local
    part, a dotted domain, no blanks or controls (Unicode Z, Cc and Cf) inside. International
    domains stay in Unicode. The function is contacts/mailboxes.py's.
#}
{% macro normalize_email(text) -%}
    {{ return(adapter.dispatch('normalize_email')(text)) }}
{%- endmacro %}

{% macro duckdb__normalize_email(text) -%}
    normalize_email({{ text }})
{%- endmacro %}


{# A text without the blanks and controls (Unicode Z, Cc and Cf) at its ends. #}
{% macro trim_blanks(text) -%}
    {{ return(adapter.dispatch('trim_blanks')(text)) }}
{%- endmacro %}

{% macro duckdb__trim_blanks(text) -%}
    regexp_replace({{ text }}, '^[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+$', '', 'g')
{%- endmacro %}


{# Whose mailbox an email address is: what stands before the @, and before any "+". #}
{% macro mailbox(email) -%}
    {{ return(adapter.dispatch('mailbox')(email)) }}
{%- endmacro %}

{% macro duckdb__mailbox(email) -%}
    regexp_extract({{ email }}, '^[^@+]*')
{%- endmacro %}
