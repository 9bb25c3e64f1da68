with dated as (
    {{ subscriptions_ahead(ref('int_subscription_terms')) }}
)

select
    stripe_customer_id,
    {% for name, status in subscription_states().items() %}
        count(*) filter (where counted_status = '{{ status }}') as {{ name }},
    {% endfor %}
    {{ distinct_list_of_lists('plan_names', 'has_plan') }} as plan_names,
    min(renewal_ahead_at) as next_renewal_at,
    min(trial_end_ahead_at) as trial_ends_at,
    min(cancellation_ahead_at) as cancels_at
from dated
group by stripe_customer_id
