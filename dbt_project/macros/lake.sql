{#
    Override of dbt's macro: a source is a table of the lake, below the home folder of this run. dbt
    doesn't see the path when it parses, so that one parse serves every home.
#}
{% macro source(source_name, table_name) %}
    {%- set found = builtins.source(source_name, table_name) -%}
    {%- if not execute or source_name != 'lake' or found.external is none -%}
        {{ return(found) }}
    {%- endif -%}
    {%- set files = file_pattern(lake_folder() ~ '/' ~ table_name) ~ '/*.parquet' -%}
    {{ return(found.replace(external=found.external | replace("'<files>'", literal(files)))) }}
{% endmacro %}


{# The folder of the lake's tables. #}
{% macro lake_folder() -%}
    {{ return(env_var('STRIPE_PIPELINE_HOME', '../var') ~ '/lake') }}
{%- endmacro %}
