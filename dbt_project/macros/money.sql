{#
    An amount in a currency's minor unit as a decimal in its major unit. `exponent` is the number
    of the currency's decimals at Stripe (seed currencies): 0, 2 or 3; null, as where no currency is
    known, gives null. Exact: no division, no float.
#}
{% macro to_major(amount, exponent) -%}
    cast(
        cast({{ amount }} as decimal(18, 0))
        * case {{ exponent }} when 0 then 1.000 when 2 then 0.010 when 3 then 0.001 end
        as decimal(18, 3)
    )
{%- endmacro %}


{# A decimal number in text, rounded up to a whole one; null where it is none, or beyond 10^13. #}
{% macro rounded_up(decimal_text) -%}
    {%- set number = 'try_cast(' ~ decimal_text ~ ' as decimal(38, 12))' -%}
    cast(ceil(
        case when abs({{ number }}) <= 10000000000000 then {{ number }} end
    ) as bigint)
{%- endmacro %}


{# dividend / divisor (above 0), both whole numbers, rounded half away from zero. #}
{% macro divide_half_up(dividend, divisor) -%}
    cast(
        {{ sign_of(dividend) }}
        * {{ whole_quotient(
            '2 * abs(cast(' ~ dividend ~ ' as ' ~ wide_integer() ~ ')) + ' ~ divisor, '2 * ' ~ divisor
        ) }}
        as bigint
    )
{%- endmacro %}


{# amount * part / whole of whole numbers at least 0, rounded down. #}
{% macro pro_rata(amount, part, whole) -%}
    cast(
        {{ whole_quotient('cast(' ~ amount ~ ' as ' ~ wide_integer() ~ ') * ' ~ part, whole) }}
        as bigint
    )
{%- endmacro %}


{#
    An exchange rate as a whole number: how many 10^-21 of the target's minor unit one minor unit
    of the source is worth. Conversions add up such whole numbers, so nothing is lost before the
    one rounding at the end.
#}
{% macro rate_e21(rate, source_exponent, target_exponent) -%}
    {{ whole_e18('cast(' ~ rate ~ ' as decimal(38, 18))') }}
    * case {{ target_exponent }} - {{ source_exponent }}
        when -3 then 1 when -2 then 10 when -1 then 100 when 0 then 1000
        when 1 then 10000 when 2 then 100000 when 3 then 1000000
    end
{%- endmacro %}


{#
    A decimal(38, 18) as a whole number of its 10^-18 parts. What stands before and after its point
    go apart: the product of the whole wouldn't fit 38 digits in DuckDB, and would lose the last of
    its decimals in Spark, whose product has as few as six.
#}
{% macro whole_e18(decimal) -%}
    (
        cast(floor({{ decimal }}) as {{ wide_integer() }}) * 1000000000000000000
        + cast(
            ({{ decimal }} - floor({{ decimal }})) * 1000000000000000000 as {{ wide_integer() }}
        )
    )
{%- endmacro %}


{#
    The exchange rates in force on certain days (query: currency, fact_day, reporting_exponent, rate,
    rate_day, rate_e21), each the newest on or before its day; null where none is known. `needed` is
    a relation with currency, currency_exponent and fact_day.
#}
{% macro rates_of_days(needed) %}
    select
        rates.currency,
        rates.fact_day,
        rates.reporting_exponent,
        rates.rate,
        rates.rate_day,
        {{ rate_e21('rates.rate', 'rates.currency_exponent', 'rates.reporting_exponent') }}
            as rate_e21
    from (
        select
            needed.currency,
            needed.currency_exponent,
            needed.fact_day,
            clock.reporting_exponent,
            case when needed.currency <> clock.reporting_currency then needed.newest_rate_day end
                as rate_day,
            case when needed.currency = clock.reporting_currency then 1 else needed.newest_rate end
                as rate
        from ({{ with_newest_rate(needed, 'fact_day') }}) as needed
        cross join {{ ref('run_clock') }} as clock
    ) as rates
{% endmacro %}


{#
    The rows of `needed` (query), each with the newest exchange rate of its currency on or before its
    day: newest_rate and newest_rate_day, null where there is none. `rates` is where rates are read,
    by default int_exchange_rates.
#}
{% macro with_newest_rate(needed, day, rates=none) -%}
    {{ return(adapter.dispatch('with_newest_rate')(needed, day, rates or ref('int_exchange_rates'))) }}
{%- endmacro %}

{% macro duckdb__with_newest_rate(needed, day, rates) %}
    select
        needed.*,
        rates.day as newest_rate_day,
        rates.rate as newest_rate
    from {{ needed }} as needed
    asof left join {{ rates }} as rates
        on
            needed.currency = rates.currency
            and needed.{{ day }} >= rates.day
{% endmacro %}

{% macro spark__with_newest_rate(needed, day, rates) %}
    select
        needed.*,
        rates.day as newest_rate_day,
        rates.rate as newest_rate
    from {{ needed }} as needed
    left join (
        select
            currency,
            day,
            rate,
            lead(day) over (partition by currency order by day) as next_day
        from {{ rates }}
    ) as rates
        on
            needed.currency = rates.currency
            and needed.{{ day }} >= rates.day
            and (rates.next_day is null or needed.{{ day }} < rates.next_day)
{% endmacro %}


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


{# Aggregate: the sum of the values that satisfy `condition`, 0 of none; null if one isn't known. #}
{% macro known_sum(value, condition) -%}
    case
        when count(*) filter (where {{ condition }} and {{ value }} is null) = 0
            then coalesce(sum({{ value }}) filter (where {{ condition }}), 0)
    end
{%- endmacro %}


{# Sum in the reporting minor unit, rounded once, of the facts (int_sales_facts) that satisfy
   `condition`; null if one of them isn't known or has no rate. #}
{% macro sum_facts(condition) -%}
    case
        when count(*) filter (where {{ condition }} and reporting_e21 is null) = 0
            then {{ divide_half_up(
                'coalesce(sum(reporting_e21) filter (where ' ~ condition ~ '), 0)',
                '1000000000000000000000'
            ) }}
    end
{%- endmacro %}
