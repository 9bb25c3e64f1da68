{# The type of a map from currency to amount in the major unit. #}
{% macro amounts_type() -%}
    map(varchar, decimal(18, 3))
{%- endmacro %}


{# Aggregate: a map from currency to amount, its keys in order, without the amounts of 0. #}
{% macro amounts_by_currency(currency, amount) -%}
    {{ return(adapter.dispatch('amounts_by_currency')(currency, amount)) }}
{%- endmacro %}

{% macro duckdb__amounts_by_currency(currency, amount) -%}
    cast(
        map_from_entries(list_sort(coalesce(
            list({'currency': {{ currency }}, 'amount': {{ amount }}}) filter (where {{ amount }} <> 0),
            []
        )))
        as {{ amounts_type() }}
    )
{%- endmacro %}


{# A map from currency to amount without entries. #}
{% macro no_amounts() -%}
    {{ return(adapter.dispatch('no_amounts')()) }}
{%- endmacro %}

{% macro duckdb__no_amounts() -%}
    cast(map() as {{ amounts_type() }})
{%- endmacro %}


{# What a map has under a key; null if it hasn't that key. #}
{% macro map_value(map, key) -%}
    {{ return(adapter.dispatch('map_value')(map, key)) }}
{%- endmacro %}

{% macro duckdb__map_value(map, key) -%}
    {{ map }}[{{ literal(key) }}]
{%- endmacro %}
