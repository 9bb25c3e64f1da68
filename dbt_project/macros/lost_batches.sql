{#
    dbt's own question whether a model is built anew, answered also with: yes, where an incremental
    model was filled by other code (staging_code.sql), or holds rows of a batch that was damaged and
    set aside (lake/torn.py). What it holds of them may be older, newer or other than what the lake
    says now.
#}
{% macro should_full_refresh() %}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is none -%}
        {%- set configured = flags.FULL_REFRESH -%}
    {%- endif -%}
    {{ return(configured or is_of_other_code() or holds_lost_batches()) }}
{% endmacro %}


{# Whether this incremental model, as it stands, holds rows of a batch that was set aside. #}
{% macro holds_lost_batches() %}
    {%- set is_asked = execute and model.config.materialized == 'incremental' and model.sources -%}
    {%- if not is_asked or load_relation(this) is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found -%}
        select 1
        from {{ this }} as staged
        inner join ({{ lost_batches(model.sources[0][1]) }}) as lost
            on staged._batch between lost.first_batch and lost.last_batch
        limit 1
    {%- endset -%}
    {{ return(run_query(found).rows | length > 0) }}
{% endmacro %}


{# The batches of a lake table that were set aside, as ranges of numbers. #}
{% macro lost_batches(resource) -%}
    {{ return(adapter.dispatch('lost_batches')(resource)) }}
{%- endmacro %}

{% macro duckdb__lost_batches(resource) -%}
    {%- set folder = file_pattern(lake_folder() ~ '/' ~ resource) -%}
    select
        cast(regexp_extract(file, '(\d+)-(\d+)\.parquet\.torn$', 1) as bigint) as first_batch,
        cast(regexp_extract(file, '(\d+)-(\d+)\.parquet\.torn$', 2) as bigint) as last_batch
    from glob({{ literal(folder ~ '/*.torn') }})
{%- endmacro %}
