{#
    Condition that is true, or stops the run: each text that is there was found among the normalized
    ones (stg_contacts). `found`: the key in such a table, by the text that it was joined on.
#}
{% macro all_normalized(found) -%}
    case
        when
            {%- for text, key in found.items() %}
            ({{ text }} is not null and {{ key }} is null)
            {%- if not loop.last %} or{% endif -%}
            {%- endfor %}
            then {{ stop('boolean', _not_normalized()) }}
        else true
    end
{%- endmacro %}


{# Up to which batch the texts of a lake table are normalized; what is newer is for the next run. #}
{% macro normalized_until(resource) -%}
    (
        select case when max(read_until) is null then {{ stop('bigint', _not_normalized()) }} else max(read_until) end
        from {{ ref('stg_contacts__batches') }}
        where resource = '{{ resource }}'
    )
{%- endmacro %}


{% macro _not_normalized() -%}
    A contact of the lake is not normalized; remove the folders contact_* of the lake and run again: they are computed from the others.
{%- endmacro %}


{# An expression of a type that stops the query with a message where it is evaluated. #}
{% macro stop(type, message) -%}
    {{ return(adapter.dispatch('stop')(type, message)) }}
{%- endmacro %}

{% macro duckdb__stop(type, message) -%}
    cast(error('{{ message }}') as {{ type }})
{%- endmacro %}

{% macro spark__stop(type, message) -%}
    cast(raise_error('{{ message }}') as {{ type }})
{%- endmacro %}


{# A text without the blanks and controls (Unicode Z, Cc and Cf) at its ends. #}
{% macro trim_blanks(text) -%}
    {{ return(adapter.dispatch('trim_blanks')(text)) }}
{%- endmacro %}

{% macro duckdb__trim_blanks(text) -%}
    regexp_replace({{ text }}, '\A[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+\z', '', 'g')
{%- endmacro %}


{# Who a mailbox is named after: what stands before the @, and before any "+". #}
{% macro mailbox_name(mailbox) -%}
    {{ return(adapter.dispatch('mailbox_name')(mailbox)) }}
{%- endmacro %}

{% macro duckdb__mailbox_name(mailbox) -%}
    regexp_extract({{ mailbox }}, '^[^@+]*')
{%- endmacro %}
