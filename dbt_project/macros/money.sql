{#
    An amount in a currency's minor unit as a decimal in its major unit. `exponent` is the number
    of the currency's decimals at Stripe (seed currencies): 0, 2 or 3. Exact: no division, no float.
#}
{% macro to_major(amount, exponent) -%}
    cast(
        cast({{ amount }} as decimal(18, 0))
        * case {{ exponent }} when 0 then 1.000 when 3 then 0.001 else 0.010 end
        as decimal(18, 3)
    )
{%- endmacro %}


{# dividend / divisor (above 0), both whole numbers, rounded half away from zero. #}
{% macro divide_half_up(dividend, divisor) -%}
    cast(
        sign({{ dividend }})
        * ((2 * abs(cast({{ dividend }} as hugeint)) + {{ divisor }}) // (2 * {{ divisor }}))
        as bigint
    )
{%- endmacro %}


{# amount * part / whole of whole numbers at least 0, rounded down. #}
{% macro pro_rata(amount, part, whole) -%}
    cast(cast({{ amount }} as hugeint) * {{ part }} // {{ whole }} as bigint)
{%- endmacro %}


{#
    An exchange rate as a whole number: how many 10^-21 of the target's minor unit one minor unit
    of the source is worth. Conversions add up such whole numbers, so nothing is lost before the
    one rounding at the end.
#}
{% macro rate_e21(rate, source_exponent, target_exponent) -%}
    cast(cast(cast({{ rate }} as decimal(38, 18)) * 1000000000 as decimal(38, 9)) * 1000000000 as hugeint)
    * case {{ target_exponent }} - {{ source_exponent }}
        when -3 then 1 when -2 then 10 when -1 then 100 when 0 then 1000
        when 1 then 10000 when 2 then 100000 when 3 then 1000000
    end
{%- endmacro %}


{# 10^-21 parts of a minor unit as a decimal in the major unit, rounded half up to 6 decimals. #}
{% macro in_millionths(amount_e21, exponent) -%}
    cast(
        {{ divide_half_up(
            amount_e21,
            'case ' ~ exponent ~ ' when 0 then 1000000000000000 when 3 then 1000000000000000000'
            ~ ' else 100000000000000000 end'
        ) }} * 0.000001
        as decimal(18, 6)
    )
{%- endmacro %}


{# Sum in the reporting minor unit, rounded once, of the facts (int_sales_facts) that satisfy
   `condition`; null if one of them has no rate. #}
{% macro sum_facts(condition) -%}
    case
        when count(*) filter (where {{ condition }} and rate_e21 is null) = 0
            then {{ divide_half_up(
                'coalesce(sum(reporting_e21) filter (where ' ~ condition ~ '), 0)',
                '1000000000000000000000'
            ) }}
    end
{%- endmacro %}
