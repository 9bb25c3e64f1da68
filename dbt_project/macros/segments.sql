{#
    Drops the view of each segment whose file is gone: it would go on being published. A segment's
    model is a view; the tables about all segments stay.
#}
{% macro drop_former_segments() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set known = graph.nodes.values() | map(attribute='alias') | list -%}
        {%- set found -%}
            select table_name
            from information_schema.tables
            where
                table_schema = 'marts'
                and table_type = 'VIEW'
                and table_name like 'segment!_%' escape '!'
        {%- endset -%}
        {%- for row in run_query(found).rows if row[0] not in known -%}
            {%- do adapter.drop_relation(adapter.get_relation(target.database, 'marts', row[0])) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# The rows of a static list: a CSV file in the folder `lists` beside the segment files. #}
{% macro segment_list(file, columns) -%}
    {{ csv_rows(setting('segments', '') ~ '/lists/' ~ file, columns) }}
{%- endmacro %}
