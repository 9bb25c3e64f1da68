{#
    Before a run's first model: drop each staging table that the run builds if other code has filled
    it (staging_code.sql), or if it holds rows of a batch that was damaged and quarantined
    (lake/torn.py). dbt then fills it from the whole lake, as it does any table that isn't there.
#}
{% macro drop_outdated_staging() -%}
    {%- if execute -%}
        {%- for model_id in selected_resources if model_id in graph.nodes -%}
            {%- set node = graph.nodes[model_id] -%}
            {%- if node.config.materialized == 'incremental' and is_outdated(node) -%}
                {%- do adapter.drop_relation(built_as(node)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# The table of a model (a node of dbt's graph); none where it hasn't been built. #}
{% macro built_as(node) %}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
{% endmacro %}


{# Whether a model's table has to be filled from the whole lake again. #}
{% macro is_outdated(node) %}
    {%- set table = built_as(node) -%}
    {{ return(table is not none and (
        recorded_code(table) != code_of(node) or holds_lost_batches(table, node)
    )) }}
{% endmacro %}


{# Whether a model's table holds rows of a quarantined batch. #}
{% macro holds_lost_batches(table, node) %}
    {%- set found -%}
        select 1
        from {{ table }} as staged
        inner join ({{ lost_batches(node.sources[0][1]) }}) as lost
            on staged._batch between lost.first_batch and lost.last_batch
        limit 1
    {%- endset -%}
    {{ return(run_query(found).rows | length > 0) }}
{% endmacro %}


{# The quarantined batches of a lake table, as ranges of batch numbers. #}
{% macro lost_batches(resource) -%}
    {{ return(adapter.dispatch('lost_batches')(resource)) }}
{%- endmacro %}

{% macro duckdb__lost_batches(resource) -%}
    {%- set folder = file_pattern(lake_folder() ~ '/' ~ resource) -%}
    select
        cast(regexp_extract(file, '(\d+)-(\d+)\.parquet\.torn\z', 1) as bigint) as first_batch,
        cast(regexp_extract(file, '(\d+)-(\d+)\.parquet\.torn\z', 2) as bigint) as last_batch
    from glob({{ literal(folder ~ '/*.torn') }})
{%- endmacro %}
