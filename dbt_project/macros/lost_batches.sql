{#
    Override of dbt's macro: a full refresh also where an incremental model was filled by other code
    (staging_code.sql), or holds rows of a batch that was damaged and quarantined (lake/torn.py):
    they may differ from what the lake has now.
#}
{% macro should_full_refresh() %}
    {%- set configured = config.get('full_refresh') -%}
    {%- if configured is none -%}
        {%- set configured = flags.FULL_REFRESH -%}
    {%- endif -%}
    {{ return(configured or is_of_other_code() or holds_lost_batches()) }}
{% endmacro %}


{# Whether this incremental model, as it was built last, holds rows of a quarantined batch. #}
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
