{# A list of SQL expressions. #}
{% macro list_of(items) -%}
    {{ return(adapter.dispatch('list_of')(items)) }}
{%- endmacro %}

{% macro duckdb__list_of(items) -%}
    [{{ items | join(', ') }}]
{%- endmacro %}

{% macro spark__list_of(items) -%}
    array({{ items | join(', ') }})
{%- endmacro %}


{# A list of texts without any. #}
{% macro no_texts() -%}
    {{ return(adapter.dispatch('no_texts')()) }}
{%- endmacro %}

{% macro duckdb__no_texts() -%}
    cast([] as varchar[])
{%- endmacro %}

{% macro spark__no_texts() -%}
    cast(array() as array<string>)
{%- endmacro %}


{# How many items a list has; null of null. #}
{% macro list_length(list) -%}
    {{ return(adapter.dispatch('list_length')(list)) }}
{%- endmacro %}

{% macro duckdb__list_length(list) -%}
    len({{ list }})
{%- endmacro %}

{# `size` of null is -1 or null, as a setting says. #}
{% macro spark__list_length(list) -%}
    array_size({{ list }})
{%- endmacro %}


{# An item of a list by its place, from 1; null where there is none. #}
{% macro element(list, place) -%}
    {{ return(adapter.dispatch('element')(list, place)) }}
{%- endmacro %}

{% macro duckdb__element(list, place) -%}
    {{ list }}[{{ place }}]
{%- endmacro %}

{# Its brackets count from 0. #}
{% macro spark__element(list, place) -%}
    try_element_at({{ list }}, {{ place }})
{%- endmacro %}


{# Whether a list has a value; null where either is null. #}
{% macro is_in_list(value, list) -%}
    {{ return(adapter.dispatch('is_in_list')(value, list)) }}
{%- endmacro %}

{% macro duckdb__is_in_list(value, list) -%}
    list_contains({{ list }}, {{ value }})
{%- endmacro %}

{% macro spark__is_in_list(value, list) -%}
    array_contains({{ list }}, {{ value }})
{%- endmacro %}


{# A list with an expression in place of each of its items, which it calls `item`. #}
{% macro each(list, item, expression) -%}
    {{ return(adapter.dispatch('each')(list, item, expression)) }}
{%- endmacro %}

{% macro duckdb__each(list, item, expression) -%}
    list_transform({{ list }}, lambda {{ item }}: {{ expression }})
{%- endmacro %}

{% macro spark__each(list, item, expression) -%}
    transform({{ list }}, {{ item }} -> {{ expression }})
{%- endmacro %}


{# A list in the order of its items. #}
{% macro sorted_list(list) -%}
    {{ return(adapter.dispatch('sorted_list')(list)) }}
{%- endmacro %}

{% macro duckdb__sorted_list(list) -%}
    list_sort({{ list }})
{%- endmacro %}

{% macro spark__sorted_list(list) -%}
    sort_array({{ list }})
{%- endmacro %}


{# The sum of a list of whole numbers; null of an empty one. #}
{% macro list_total(list) -%}
    {{ return(adapter.dispatch('list_total')(list)) }}
{%- endmacro %}

{% macro duckdb__list_total(list) -%}
    list_sum({{ list }})
{%- endmacro %}

{% macro spark__list_total(list) -%}
    case
        when array_size({{ list }}) > 0
            then aggregate(
                {{ list }},
                cast(0 as decimal(38, 0)),
                (total, item) -> cast(total + item as decimal(38, 0))
            )
    end
{%- endmacro %}


{# Lists one after the other; one that is null is passed over. #}
{% macro joined_lists(lists) -%}
    {{ return(adapter.dispatch('joined_lists')(lists)) }}
{%- endmacro %}

{% macro duckdb__joined_lists(lists) -%}
    list_concat({{ lists | join(', ') }})
{%- endmacro %}

{# A null would make the whole of it null. #}
{% macro spark__joined_lists(lists) -%}
    concat({% for list in lists %}coalesce({{ list }}, array()){{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}


{# The lists in a field of a list's structs, one after the other; nulls are passed over. #}
{% macro joined_field(list, field) -%}
    {{ return(adapter.dispatch('joined_field')(list, field)) }}
{%- endmacro %}

{% macro duckdb__joined_field(list, field) -%}
    flatten(list_transform({{ list }}, lambda item: item.{{ field }}))
{%- endmacro %}

{# `flatten` of a list with a null in it is null. #}
{% macro spark__joined_field(list, field) -%}
    flatten(filter(transform({{ list }}, item -> item.{{ field }}), each -> each is not null))
{%- endmacro %}


{#
    A row for every item of a list (query): the columns named, the item, and from 1 its place where
    that gets a name. Rows whose list is null or empty give none.
#}
{% macro unnested(relation, columns, list, item, place=none, condition='true') -%}
    {{ return(adapter.dispatch('unnested')(relation, columns, list, item, place, condition)) }}
{%- endmacro %}

{% macro duckdb__unnested(relation, columns, list, item, place=none, condition='true') -%}
    select
        {{ columns | join(', ') }},
        unnest({{ list }}) as {{ item }}
        {%- if place %},
        unnest(range(1, len({{ list }}) + 1)) as {{ place }}
        {%- endif %}
    from {{ relation }}
    {{ 'where ' ~ condition if condition != 'true' }}
{%- endmacro %}

{% macro spark__unnested(relation, columns, list, item, place=none, condition='true') -%}
    select
        {{ columns | join(', ') }},
        {{ item }}
        {%- if place %},
        cast(_place + 1 as bigint) as {{ place }}
        {%- endif %}
    from {{ relation }}
    lateral view posexplode({{ list }}) as _place, {{ item }}
    {{ 'where ' ~ condition if condition != 'true' }}
{%- endmacro %}
