select
    subscriptions.subscription_id,
    subscriptions.stripe_customer_id,
    subscriptions.subscription_status,
    subscriptions.counted_status,
    subscriptions.has_paused_collection,
    subscriptions.currency,
    {{ to_major(to_minor_unit('revenue.mrr_e15'), 'subscriptions.currency_exponent') }} as mrr,
    {{ to_minor_unit('revenue.mrr_e15') }} as mrr_minor,
    case
        when readable.products
            then coalesce({{ sorted_list('plans.plan_names') }}, {{ no_texts() }})
    end as plan_names,
    subscriptions.created_at,
    subscriptions.started_at,
    subscriptions.trial_started_at,
    subscriptions.trial_ends_at,
    coalesce(plans.current_period_ends_at, subscriptions.current_period_ends_at)
        as current_period_ends_at,
    coalesce(
        subscriptions.cancel_at,
        case
            when subscriptions.is_cancelled_at_period_end
                then coalesce(plans.current_period_ends_at, subscriptions.current_period_ends_at)
        end
    ) as cancels_at,
    subscriptions.is_cancelled_at_period_end,
    subscriptions.cancellation_requested_at,
    subscriptions.ended_at,
    subscriptions.ended_reason,
    subscriptions.cancellation_feedback
from {{ ref('int_subscriptions') }} as subscriptions
cross join {{ ref('int_readable_resources') }} as readable
left join {{ ref('int_subscription_mrr') }} as revenue
    on subscriptions.subscription_id = revenue.subscription_id
left join {{ ref('int_subscription_plans') }} as plans
    on subscriptions.subscription_id = plans.subscription_id
