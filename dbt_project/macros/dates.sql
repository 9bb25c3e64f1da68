{# Stripe's Unix seconds as a timestamp without zone, in UTC. #}
{% macro from_unix(seconds) -%}
    {{ return(adapter.dispatch('from_unix')(seconds)) }}
{%- endmacro %}

{% macro duckdb__from_unix(seconds) -%}
    make_timestamp({{ seconds }} * 1000000)
{%- endmacro %}


{# A UTC timestamp as the clock on the wall of a time zone shows it. #}
{% macro to_local(instant, zone) -%}
    {{ return(adapter.dispatch('to_local')(instant, zone)) }}
{%- endmacro %}

{% macro duckdb__to_local(instant, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ instant }}))
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
