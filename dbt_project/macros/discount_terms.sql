{# The fields of a coupon that say what comes off, for parse_json. #}
{% macro coupon_shape() -%}
    {{ return({
        'name': 'VARCHAR',
        'percent_off': 'VARCHAR',
        'amount_off': 'BIGINT',
        'currency': 'VARCHAR',
        'currency_options': 'MAP(VARCHAR, STRUCT(amount_off BIGINT))',
        'duration': 'VARCHAR',
        'applies_to': {'products': ['VARCHAR']},
    }) }}
{%- endmacro %}


{#
    A list of discounts, each an id or a whole object as text (see reference), as structs: when it
    begins and ends (Unix seconds), its coupon's id, and the coupon itself where it is held whole,
    as before 2025-09. Of a discount of which only the id came nothing is known.
#}
{% macro discount_terms(texts) -%}
    {{ return(adapter.dispatch('discount_terms')(texts)) }}
{%- endmacro %}

{% macro duckdb__discount_terms(texts) -%}
    {%- set shape = {
        'start': 'BIGINT', 'end': 'BIGINT', 'source': {'coupon': 'VARCHAR'}, 'coupon': 'VARCHAR',
    } -%}
    {%- set coupon = 'coalesce(discount.source.coupon, discount.coupon)' -%}
    list_transform(
        list_transform({{ texts }}, lambda text: {{ parse_expanded('text', shape) }}),
        lambda discount, place: {
            'place': place,
            'starts': discount."start",
            'ends': discount."end",
            'coupon_id': {{ reference(coupon) }},
            'coupon': {{ parse_expanded(coupon, coupon_shape()) }}
        }
    )
{%- endmacro %}
