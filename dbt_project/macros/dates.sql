{# Stripe's Unix seconds as a timestamp without zone, in UTC; null beyond the years 1970 to 9999. #}
{% macro from_unix(seconds) -%}
    {{ return(adapter.dispatch('from_unix')(seconds)) }}
{%- endmacro %}

{% macro duckdb__from_unix(seconds) -%}
    make_timestamp(
        case when {{ seconds }} between 0 and 253402300799 then {{ seconds }} end * 1000000
    )
{%- endmacro %}


{# An instant (a timestamp with a time zone) as a timestamp without zone, in UTC. #}
{% macro in_utc(instant) -%}
    {{ return(adapter.dispatch('in_utc')(instant)) }}
{%- endmacro %}

{% macro duckdb__in_utc(instant) -%}
    {{ instant }} at time zone 'UTC'
{%- endmacro %}


{# An instant in ISO 8601 with its offset, a text of this project, as a UTC timestamp without zone. #}
{% macro utc_timestamp(text) -%}
    {{ return(adapter.dispatch('utc_timestamp')(text)) }}
{%- endmacro %}

{% macro duckdb__utc_timestamp(text) -%}
    cast({{ literal(text) }} as timestamptz) at time zone 'UTC'
{%- endmacro %}


{# A UTC timestamp as the clock on the wall of a time zone shows it. #}
{% macro to_local(instant, zone) -%}
    {{ return(adapter.dispatch('to_local')(instant, zone)) }}
{%- endmacro %}

{% macro duckdb__to_local(instant, zone) -%}
    case
        when {{ zone }} = 'UTC' then {{ instant }}
        else timezone({{ zone }}, timezone('UTC', {{ instant }}))
    end
{%- endmacro %}


{# The UTC timestamp at which the clock on a time zone's wall shows `local`. #}
{% macro from_local(local, zone) -%}
    {{ return(adapter.dispatch('from_local')(local, zone)) }}
{%- endmacro %}

{% macro duckdb__from_local(local, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ local }}))
{%- endmacro %}


{#
    The instant that lies `count` calendar days or months from the as-of instant, at the same time
    of day in the reporting zone; the day is clamped to the month's end. Needs run_clock in scope
    under the name `clock`.
#}
{% macro from_as_of(count, unit) -%}
    {{ from_local('clock.as_of_local + (' ~ count ~ ') * interval 1 ' ~ unit, 'clock.reporting_timezone') }}
{%- endmacro %}


{# The date that lies `count` calendar days or months from as-of; needs run_clock as `clock`. #}
{% macro date_from_as_of(count, unit) -%}
    cast(clock.as_of_local + ({{ count }}) * interval 1 {{ unit }} as date)
{%- endmacro %}


{# Whether a date is the day of `today` in an earlier year; 29 February is 28 in other years. #}
{% macro is_anniversary(day, today) -%}
    (
        extract(year from {{ day }}) < extract(year from {{ today }})
        and extract(month from {{ day }}) = extract(month from {{ today }})
        and (
            extract(day from {{ day }}) = extract(day from {{ today }})
            or (
                extract(day from {{ day }}) = 29
                and extract(day from {{ today }}) = 28
                and extract(month from {{ today }} + interval 1 day) = 3
            )
        )
    )
{%- endmacro %}


{# The last day of a month; null where the numbers are none. #}
{% macro month_end(year, month) -%}
    {{ return(adapter.dispatch('month_end')(year, month)) }}
{%- endmacro %}

{% macro duckdb__month_end(year, month) -%}
    case
        when {{ month }} between 1 and 12 and {{ year }} between 1 and 9999
            then last_day(make_date({{ year }}, {{ month }}, 1))
    end
{%- endmacro %}


{# Calendar days in the reporting zone from one UTC timestamp to another; run_clock is `clock`. #}
{% macro days_between(first, last) -%}
    {{ date_difference(
        'cast(' ~ to_local(first, 'clock.reporting_timezone') ~ ' as date)',
        'cast(' ~ to_local(last, 'clock.reporting_timezone') ~ ' as date)'
    ) }}
{%- endmacro %}


{# How many days a date lies after another one. #}
{% macro date_difference(first, last) -%}
    {{ return(adapter.dispatch('date_difference')(first, last)) }}
{%- endmacro %}

{% macro duckdb__date_difference(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{% macro spark__date_difference(first, last) -%}
    datediff({{ last }}, {{ first }})
{%- endmacro %}
