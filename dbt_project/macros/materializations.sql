{#
    dbt builds a view or a table under another name, renames twice and drops the old one, which
    takes longer than most of the models take in DuckDB. DuckDB replaces either atomically, in one
    transaction; after an error the old one is left.
#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do drop_other_kind(target) -%}
    {%- call statement('main') -%}
        {{ or_replace(get_create_view_as_sql(target, sql)) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do drop_other_kind(target) -%}
    {%- call statement('main') -%}
        {{ or_replace(create_table_as(false, target, compiled_code)) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# Drop what has a relation's name and is no table or no view, as the relation itself is one. #}
{% macro drop_other_kind(target) -%}
    {%- set existing = load_cached_relation(target) -%}
    {%- if existing is not none and existing.type != target.type -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
{%- endmacro %}


{# dbt's statement that creates something, as one that replaces it. #}
{% macro or_replace(statement) -%}
    {{ modules.re.sub('\\bcreate\\s+(table|view)\\b', 'create or replace \\1', statement, count=1) }}
{%- endmacro %}
