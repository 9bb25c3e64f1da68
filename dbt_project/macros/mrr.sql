{#
    Monthly recurring revenue is computed in whole 10^-15 parts of a minor unit (e15), rounded down
    at each division. to_minor_unit takes what that loses back before it rounds: thirds add up.
#}
{% macro per_month_e15(amount_e15, periods_per_year, interval_count) -%}
    {{ whole_quotient(
        '(' ~ amount_e15 ~ ') * ' ~ periods_per_year,
        '12 * cast(' ~ interval_count ~ ' as ' ~ wide_integer() ~ ')'
    ) }}
{%- endmacro %}


{# Whole 10^-15 parts as a whole number of minor units: snapped to 10^-9, then rounded half up. #}
{% macro to_minor_unit(amount_e15) -%}
    {{ divide_half_up(whole_quotient(amount_e15 ~ ' + 500000', '1000000'), '1000000000') }}
{%- endmacro %}


{#
    part / whole as four digits to the base of 10^6, for take_part_of: the product of two amounts
    in e15 would not fit 38 digits. Nothing of nothing is nothing.
#}
{% macro share_of(part, whole) -%}
    {%- set digits = [] -%}
    {%- set state = {'rest': part} -%}
    {%- for _ in range(4) -%}
        {%- set raised = '(' ~ state.rest ~ ') * 1000000' -%}
        {%- do digits.append('coalesce(' ~ whole_quotient(raised, 'nullif(' ~ whole ~ ', 0)') ~ ', 0)') -%}
        {%- do state.update({'rest': raised ~ ' % nullif(' ~ whole ~ ', 0)'}) -%}
    {%- endfor -%}
    {{ list_of(digits) }}
{%- endmacro %}


{# The share that is everything. #}
{% macro whole_share() -%}
    {{ list_of(['cast(1000000 as ' ~ wide_integer() ~ ')', '0', '0', '0']) }}
{%- endmacro %}


{#
    What is left of an amount (e15) after discounts, one after the other in the list's order, each
    {percent_e9, amount_e15, share}: percent off the discount's share of what is left, or an amount
    that is at most that share. Null where one of them says neither; of nothing nothing comes off.
#}
{% macro take_discounts_off(amount_e15, discounts) -%}
    {{ return(adapter.dispatch('take_discounts_off')(amount_e15, discounts)) }}
{%- endmacro %}

{% macro duckdb__take_discounts_off(amount_e15, discounts) -%}
    {%- set part -%}
        (((remaining * discount.share[4] // 1000000 + remaining * discount.share[3]) // 1000000
        + remaining * discount.share[2]) // 1000000 + remaining * discount.share[1]) // 1000000
    {%- endset -%}
    list_reduce(
        coalesce(case when {{ amount_e15 }} <> 0 then {{ discounts }} end, []),
        lambda remaining, discount: remaining - case
            when discount.percent_e9 is not null
                then ({{ part }}) // 100000000000 * discount.percent_e9
                    + ({{ part }}) % 100000000000 * discount.percent_e9 // 100000000000
            when discount.amount_e15 is not null
                then least(discount.amount_e15, {{ part }})
        end,
        {{ amount_e15 }}
    )
{%- endmacro %}


{#
    Aggregate over int_mrr_facts: recurring revenue a month in the reporting minor unit, snapped to
    10^-9 and rounded once, half up; null where one of the parts isn't known or has no rate.
#}
{% macro sum_mrr() -%}
    case
        when count(*) filter (where reporting_e21 is null) = 0
            then {{ reporting_minor('coalesce(sum(reporting_e21), 0)') }}
    end
{%- endmacro %}


{#
    Recurring revenue (e15) in whole 10^-21 parts of the reporting minor unit, at a rate (e21). The
    fraction with a rate of 15 decimals: together they fit 38 digits. 0 needs no rate.
#}
{% macro mrr_in_reporting(mrr_e15, rate_e21) -%}
    case
        when {{ mrr_e15 }} = 0 then 0
        else
            {{ whole_quotient(mrr_e15, '1000000000000000') }} * {{ rate_e21 }}
            + {{ whole_quotient(
                mrr_e15 ~ ' % 1000000000000000 * ' ~ whole_quotient(rate_e21, '1000000'), '1000000000'
            ) }}
    end
{%- endmacro %}


{# Such parts as a whole number of reporting minor units: snapped to 10^-9, then rounded half up. #}
{% macro reporting_minor(amount_e21) -%}
    {{ divide_half_up(
        whole_quotient(amount_e21 ~ ' + 500000000000', '1000000000000'), '1000000000'
    ) }}
{%- endmacro %}
