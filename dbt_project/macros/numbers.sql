{# The type of whole numbers of up to 38 digits. #}
{% macro wide_integer() -%}
    {{ return(adapter.dispatch('wide_integer')()) }}
{%- endmacro %}

{% macro duckdb__wide_integer() -%}
    hugeint
{%- endmacro %}

{% macro spark__wide_integer() -%}
    decimal(38, 0)
{%- endmacro %}


{# dividend / divisor of whole numbers, the rest dropped; of -7 and 2 it is -3. #}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}
{%- endmacro %}

{% macro duckdb__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) // ({{ divisor }}))
{%- endmacro %}

{# Spark's `div` wraps at 64 bits without an error, and `/` of whole numbers is a double. #}
{% macro spark__whole_quotient(dividend, divisor) -%}
    cast(
        (cast({{ dividend }} as decimal(38, 0)) - cast(({{ dividend }}) % ({{ divisor }}) as decimal(38, 0)))
        / cast({{ divisor }} as decimal(38, 0))
        as decimal(38, 0)
    )
{%- endmacro %}


{# -1, 0 or 1, as a number is; Spark's `sign` is a double, wrong above 2^53. #}
{% macro sign_of(number) -%}
    case when {{ number }} < 0 then -1 when {{ number }} = 0 then 0 when {{ number }} > 0 then 1 end
{%- endmacro %}
