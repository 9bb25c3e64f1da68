{# A deterministic key: SHA-256 over the parts, in their order. #}
{% macro hash_key(parts) -%}
    {{ return(adapter.dispatch('hash_key')(parts)) }}
{%- endmacro %}

{% macro duckdb__hash_key(parts) -%}
    sha256(concat(
        {%- for part in parts -%}
        coalesce(cast({{ part }} as varchar), ''){{ ", '|', " if not loop.last }}
        {%- endfor -%}
    ))
{%- endmacro %}
