{# The states in which subscriptions are counted, by the name that the profile has for them. #}
{% macro subscription_states() -%}
    {{ return({
        'active': 'active',
        'cancelled': 'canceled',
        'paused': 'paused',
        'trial': 'trialing',
        'past_due': 'past_due',
    }) }}
{%- endmacro %}


{# Whether a subscription is billed each period, so that it has recurring revenue. #}
{% macro is_billed(counted_status) -%}
    coalesce({{ counted_status }} in ('active', 'past_due'), false)
{%- endmacro %}


{#
    Customers' subscriptions (query), each with whether its plan is among the profile's and what lies
    ahead of it: null where that doesn't. A date before as-of is past, whatever the newest status
    says; the end of a trial is no renewal.
#}
{% macro subscriptions_ahead(subscriptions) %}
    {%- set is_running = "coalesce(subscriptions.counted_status in ('active', 'trialing', 'past_due'), false)" -%}
    select
        subscriptions.*,
        {{ is_running }} or coalesce(subscriptions.counted_status = 'paused', false) as has_plan,
        case
            when
                {{ is_billed('subscriptions.counted_status') }}
                and subscriptions.current_period_ends_at > clock.as_of
                and coalesce(subscriptions.cancels_at > subscriptions.current_period_ends_at, true)
                then subscriptions.current_period_ends_at
        end as renewal_ahead_at,
        case
            when subscriptions.counted_status = 'trialing' and subscriptions.trial_ends_at > clock.as_of
                then subscriptions.trial_ends_at
        end as trial_end_ahead_at,
        case
            when {{ is_running }} and subscriptions.cancels_at > clock.as_of
                then subscriptions.cancels_at
        end as cancellation_ahead_at
    from {{ subscriptions }} as subscriptions
    cross join {{ ref('run_clock') }} as clock
    where subscriptions.stripe_customer_id is not null
{% endmacro %}
