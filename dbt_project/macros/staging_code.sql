{# A digest of all that decides how a model (a node) reads bodies: its SQL, the macros, the Python functions. #}
{% macro code_of(node) -%}
    {%- set shared = run_query('select staging_code()').columns[0].values()[0] -%}
    {{- return(local_md5(node.raw_code ~ shared)) -}}
{%- endmacro %}


{# The digest that is recorded with a table, as its comment; null where there is none. #}
{% macro recorded_code(relation) -%}
    {{ return(adapter.dispatch('recorded_code')(relation)) }}
{%- endmacro %}

{% macro duckdb__recorded_code(relation) -%}
    {%- set found -%}
        select max(comment)
        from duckdb_tables()
        where
            schema_name = {{ literal(relation.schema) }}
            and table_name = {{ literal(relation.identifier) }}
    {%- endset -%}
    {{- return(run_query(found).columns[0].values()[0]) -}}
{%- endmacro %}


{# After a model is built: record what code has filled it. A view is always of the newest. #}
{% macro record_code() -%}
    {%- if execute and model.config.materialized == 'incremental' -%}
        comment on table {{ this }} is {{ literal(code_of(model)) }}
    {%- endif -%}
{%- endmacro %}
