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
    regexp_replace({{ text }}, '\A[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+\z', '', 'g')
{%- endmacro %}


{#
    The one spelling of the mailbox that an email address means, by which addresses are compared:
    the local part in NFC, the domain in its ASCII form. What means none stands for itself. The
    function is contacts/mailboxes.py's.
#}
{% macro mailbox(email) -%}
    {{ return(adapter.dispatch('mailbox')(email)) }}
{%- endmacro %}

{% macro duckdb__mailbox(email) -%}
    coalesce(mailbox_of({{ email }}), {{ email }})
{%- endmacro %}


{# Who a mailbox is named after: what stands before the @, and before any "+". #}
{% macro mailbox_name(mailbox) -%}
    {{ return(adapter.dispatch('mailbox_name')(mailbox)) }}
{%- endmacro %}

{% macro duckdb__mailbox_name(mailbox) -%}
    regexp_extract({{ mailbox }}, '^[^@+]*')
{%- endmacro %}
