{# The columns of customer_profiles that hold customers' metadata, each with its key, as set. #}
{% macro metadata_columns() -%}
    {%- set columns = {} -%}
    {%- for key in setting('customer_metadata', '').split(',') if key.strip() -%}
        {%- set name = modules.re.sub('[^a-z0-9]+', '_', key.strip().lower()).strip('_') -%}
        {%- do columns.update({'stripe_metadata_' ~ name: key.strip()}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{# These columns for a select list, each with a comma before it, from a map of metadata. #}
{% macro metadata_fields(metadata) -%}
    {%- for column, key in metadata_columns().items() -%}
        , nullif({{ metadata }}[{{ literal(key) }}], '') as {{ column }}
    {%- endfor -%}
{%- endmacro %}


{#
    Before a model under contract is built: the configured columns become a part of its contract, so
    that each is checked like any other, and created with its type. A contract in yml can't have a loop.
#}
{% macro declare_metadata_columns() -%}
    {%- for column in metadata_columns() -%}
        {%- set declared = {'name': column, 'data_type': 'varchar', 'constraints': []} -%}
        {%- do model['columns'].update({column: declared}) -%}
    {%- endfor -%}
{%- endmacro %}
