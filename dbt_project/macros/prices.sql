{# The fields of a price that its amount and its billing period follow from, for parse_json. #}
{% macro price_shape() -%}
    {{ return({
        'id': 'VARCHAR',
        'nickname': 'VARCHAR',
        'product': 'VARCHAR',
        'currency': 'VARCHAR',
        'unit_amount': 'BIGINT',
        'unit_amount_decimal': 'VARCHAR',
        'billing_scheme': 'VARCHAR',
        'tiers_mode': 'VARCHAR',
        'tiers': [tier_shape()],
        'transform_quantity': {'divide_by': 'BIGINT', 'round': 'VARCHAR'},
        'recurring': {
            'usage_type': 'VARCHAR',
            'interval': 'VARCHAR',
            'interval_count': 'BIGINT',
        },
        'currency_options': 'MAP(VARCHAR, STRUCT(unit_amount BIGINT, unit_amount_decimal VARCHAR, '
            ~ 'tiers STRUCT(up_to BIGINT, unit_amount BIGINT, unit_amount_decimal VARCHAR, '
            ~ 'flat_amount BIGINT, flat_amount_decimal VARCHAR)[]))',
    }) }}
{%- endmacro %}


{# A plan: what a price was called before, and still is where an object of that time holds one. #}
{% macro plan_shape() -%}
    {{ return({
        'id': 'VARCHAR',
        'nickname': 'VARCHAR',
        'name': 'VARCHAR',
        'product': 'VARCHAR',
        'currency': 'VARCHAR',
        'amount': 'BIGINT',
        'amount_decimal': 'VARCHAR',
        'billing_scheme': 'VARCHAR',
        'tiers_mode': 'VARCHAR',
        'tiers': [tier_shape()],
        'transform_usage': {'divide_by': 'BIGINT', 'round': 'VARCHAR'},
        'usage_type': 'VARCHAR',
        'interval': 'VARCHAR',
        'interval_count': 'BIGINT',
    }) }}
{%- endmacro %}


{% macro tier_shape() -%}
    {{ return({
        'up_to': 'BIGINT',
        'unit_amount': 'BIGINT',
        'unit_amount_decimal': 'VARCHAR',
        'flat_amount': 'BIGINT',
        'flat_amount_decimal': 'VARCHAR',
    }) }}
{%- endmacro %}


{# An object in a field (see reference) parsed; null where only its id came. #}
{% macro parse_expanded(field, shape) -%}
    case when {{ is_whole(field) }} then {{ parse_json(field, shape) }} end
{%- endmacro %}


{#
    An amount per unit as whole 10^-15 parts of the minor unit, which hold the 12 decimals that
    Stripe allows. `decimal_text` goes before the whole number; null where both are, it is none, or it
    is more than any price (10^13), which later steps couldn't multiply.
#}
{% macro minor_e15(decimal_text, whole) -%}
    {%- set decimal = 'try_cast(' ~ decimal_text ~ ' as decimal(38, 12))' -%}
    {%- set most = '10000000000000' -%}
    coalesce(
        cast(
            case when {{ decimal }} between -{{ most }} and {{ most }} then {{ decimal }} end
            * 1000000000000 as {{ wide_integer() }}
        ) * 1000,
        cast(
            case when {{ whole }} between -{{ most }} and {{ most }} then {{ whole }} end
            as {{ wide_integer() }}
        ) * 1000000000000000
    )
{%- endmacro %}


{#
    What a quantity costs at an amount per unit, in 10^-15 of the minor unit. Null where that is more
    than any amount (10^13), which later steps couldn't multiply.
#}
{% macro cost_e15(unit_e15, quantity) -%}
    case
        when {{ unit_e15 }} = 0 then 0
        when
            abs(cast({{ quantity }} as {{ wide_integer() }}))
            <= {{ whole_quotient(
                "cast('10000000000000000000000000000' as " ~ wide_integer() ~ ')',
                'abs(' ~ unit_e15 ~ ')'
            ) }}
            then {{ unit_e15 }} * {{ quantity }}
    end
{%- endmacro %}
