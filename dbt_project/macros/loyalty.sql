{#
    Points on what an order collected without its tax, rounded down:
    collected * total_excluding_tax / total, converted, times `points` per 1.00. A total of 0 holds
    no tax: what it collected (an older balance) earns whole.

    Whole numbers throughout: the quotient and the remainder of the first division are converted
    apart, because collected * total_excluding_tax * rate would not fit 38 digits.
#}
{% macro points_on_sales(collected, total_excluding_tax, total, rate_e21, reporting_exponent, points) -%}
    {%- set untaxed = '(case when ' ~ total ~ ' = 0 then 1 else ' ~ total_excluding_tax ~ ' end)' -%}
    {%- set taxless = '(cast(' ~ collected ~ ' as ' ~ wide_integer() ~ ') * ' ~ untaxed ~ ')' -%}
    {%- set divisor = '(case when ' ~ total ~ ' = 0 then 1 else ' ~ total ~ ' end)' -%}
    {%- set price = '(' ~ rate_e21 ~ ' * cast(' ~ points ~ ' * 10000 as ' ~ wide_integer() ~ '))' -%}
    {%- set whole = whole_quotient(taxless, divisor) ~ ' * ' ~ price -%}
    {%- set rest = whole_quotient(taxless ~ ' % ' ~ divisor ~ ' * ' ~ price, divisor) -%}
    {%- set exponent -%}
        10000000000000000000000000
        * case {{ reporting_exponent }} when 0 then 1 when 3 then 1000 else 100 end
    {%- endset -%}
    cast({{ whole_quotient(whole ~ ' + ' ~ rest, exponent) }} as bigint)
{%- endmacro %}


{# The entry of a row of int_loyalty_earnings in the ledger. #}
{% macro earning_id(earnings) -%}
    {{ hash_key([earnings ~ '.rule', earnings ~ '.rule_version', earnings ~ '.source_id', "'earn'"]) }}
{%- endmacro %}


{# Whether the points of an entry of the ledger are available; run_clock is `clock`. #}
{% macro is_mature(entries) -%}
    {{ entries }}.matures_at <= clock.as_of
{%- endmacro %}
