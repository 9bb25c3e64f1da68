{#
    Aggregate: the value of the row that is last in the order of the expressions `order_by`, of those
    that satisfy `condition`. Rows whose value is null are passed over; a struct isn't null.
#}
{% macro last_value_by(value, order_by, condition='true') -%}
    {{ return(adapter.dispatch('last_value_by')(value, order_by, condition)) }}
{%- endmacro %}

{% macro duckdb__last_value_by(value, order_by, condition='true') -%}
    arg_max({{ value }}, {{ duckdb__place(order_by) }}) {{ filter_where(condition) }}
{%- endmacro %}

{% macro spark__last_value_by(value, order_by, condition='true') -%}
    max_by({{ value }}, struct({{ order_by | join(', ') }}))
        filter (where ({{ condition }}) and ({{ value }}) is not null)
{%- endmacro %}


{# Aggregate: as last_value_by, of the first row. #}
{% macro first_value_by(value, order_by, condition='true') -%}
    {{ return(adapter.dispatch('first_value_by')(value, order_by, condition)) }}
{%- endmacro %}

{% macro duckdb__first_value_by(value, order_by, condition='true') -%}
    arg_min({{ value }}, {{ duckdb__place(order_by) }}) {{ filter_where(condition) }}
{%- endmacro %}

{% macro spark__first_value_by(value, order_by, condition='true') -%}
    min_by({{ value }}, struct({{ order_by | join(', ') }}))
        filter (where ({{ condition }}) and ({{ value }}) is not null)
{%- endmacro %}


{# One expression alone is compared faster than a row of one. #}
{% macro duckdb__place(order_by) -%}
    {{ order_by[0] if order_by | length == 1 else '(' ~ order_by | join(', ') ~ ')' }}
{%- endmacro %}


{# The filter of an aggregate; none where all rows count. #}
{% macro filter_where(condition) -%}
    {%- if condition != 'true' -%} filter (where {{ condition }}) {%- endif -%}
{%- endmacro %}


{# Aggregate: the values of the rows that satisfy `condition`, in an order; null or empty if none. #}
{% macro list_in_order(value, order_by, condition='true') -%}
    {{ return(adapter.dispatch('list_in_order')(value, order_by, condition)) }}
{%- endmacro %}

{% macro duckdb__list_in_order(value, order_by, condition='true') -%}
    list({{ value }} order by {{ order_by }}) {{ filter_where(condition) }}
{%- endmacro %}

{% macro spark__list_in_order(value, order_by, condition='true') -%}
    transform(
        sort_array(collect_list(struct({{ order_by }} as place, {{ value }} as item)) {{ filter_where(condition) }}),
        each -> each.item
    )
{%- endmacro %}


{# Aggregate: the different values in their own order, without nulls; null or empty if none. #}
{% macro distinct_list(value) -%}
    {{ return(adapter.dispatch('distinct_list')(value)) }}
{%- endmacro %}

{% macro duckdb__distinct_list(value) -%}
    list_sort(list(distinct {{ value }}) filter (where {{ value }} is not null))
{%- endmacro %}

{% macro spark__distinct_list(value) -%}
    sort_array(collect_set({{ value }}))
{%- endmacro %}


{# Aggregate: the different values in lists of texts, in their own order, without nulls. #}
{% macro distinct_list_of_lists(list, condition) -%}
    {{ return(adapter.dispatch('distinct_list_of_lists')(list, condition)) }}
{%- endmacro %}

{% macro duckdb__distinct_list_of_lists(list, condition) -%}
    list_sort(list_distinct(flatten(
        coalesce(list({{ list }}) filter (where {{ condition }}), [])
    )))
{%- endmacro %}

{% macro spark__distinct_list_of_lists(list, condition) -%}
    sort_array(filter(
        array_distinct(flatten(collect_list({{ list }}) filter (where {{ condition }}))),
        each -> each is not null
    ))
{%- endmacro %}
