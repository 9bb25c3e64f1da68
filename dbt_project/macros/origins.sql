{#
    The columns of a part of marts.profile_origins: its field, and the others by name, null where
    neither `columns` nor `more` has one.
#}
{% macro origin(field, columns, more={}) -%}
    {%- set types = {
        'part': 'bigint',
        'role': 'varchar',
        'fact': 'varchar',
        'fact_id': 'varchar',
        'order_id': 'varchar',
        'label': 'varchar',
        'facts': 'bigint',
        'quantity': 'bigint',
        'amount': 'decimal(24, 6)',
        'currency': 'varchar',
        'rate': 'decimal(38, 18)',
        'day': 'date',
        'until_day': 'date',
    } -%}
    {%- set given = {'part': '1', 'role': "'part'"} -%}
    {%- do given.update(columns) -%}
    {%- do given.update(more) -%}
    stripe_customer_id,
    '{{ field }}' as field
    {%- for name, type in types.items() %},
    cast({{ given.get(name, 'null') }} as {{ type }}) as {{ name }}
    {%- endfor %}
{%- endmacro %}


{# The place of a row among its customer's: from 1, in an order. #}
{% macro place_in(order_by) -%}
    row_number() over (partition by stripe_customer_id order by {{ order_by }})
{%- endmacro %}
