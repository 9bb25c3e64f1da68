{{ config(unique_key='subscription_id') }}

with parsed as (
    {{ parsed_versions('subscriptions', 'subscription', {
        'created': 'BIGINT',
        'customer': 'VARCHAR',
        'customer_account': 'VARCHAR',
        'test_clock': 'VARCHAR',
        'status': 'VARCHAR',
        'pause_collection': {'behavior': 'VARCHAR'},
        'currency': 'VARCHAR',
        'start_date': 'BIGINT',
        'start': 'BIGINT',
        'trial_start': 'BIGINT',
        'trial_end': 'BIGINT',
        'cancel_at': 'BIGINT',
        'cancel_at_period_end': 'BOOLEAN',
        'canceled_at': 'BIGINT',
        'cancellation_details': {'reason': 'VARCHAR', 'feedback': 'VARCHAR'},
        'ended_at': 'BIGINT',
        'current_period_start': 'BIGINT',
        'current_period_end': 'BIGINT',
        'discounts': ['VARCHAR'],
        'discount': 'VARCHAR',
        'plan': 'VARCHAR',
        'quantity': 'BIGINT',
        'items': {'data': [{
            'id': 'VARCHAR',
            'quantity': 'BIGINT',
            'current_period_start': 'BIGINT',
            'current_period_end': 'BIGINT',
            'price': 'VARCHAR',
            'plan': 'VARCHAR',
            'discounts': ['VARCHAR'],
        }]},
    }) }}
)

select
    -- ids
    id as subscription_id,
    {{ reference('subscription.customer') }} as customer_id,
    {{ reference('subscription.customer_account') }} as customer_account_id,
    {{ reference('subscription.test_clock') }} as test_clock_id,

    -- properties
    subscription.status as subscription_status,
    subscription.pause_collection is not null as has_paused_collection,
    coalesce(subscription.cancel_at_period_end, false) as is_cancelled_at_period_end,
    nullif(subscription.cancellation_details.reason, '') as ended_reason,
    nullif(subscription.cancellation_details.feedback, '') as cancellation_feedback,
    {{ subscription_items_of(given_items('subscription')) }} as items,
    {{ discount_terms(given_discounts('subscription')) }} as discounts,
    {{ whole_discounts_of(all_discounts('subscription', 'subscription.items.data')) }}
        as whole_discounts,

    -- amounts
    {{ lower_ascii("nullif(subscription.currency, '')") }} as currency,

    -- times
    {{ from_unix('coalesce(subscription.created, subscription.start_date, subscription."start")') }}
        as created_at,
    {{ from_unix('coalesce(subscription.start_date, subscription."start")') }} as started_at,
    {{ from_unix('subscription.trial_start') }} as trial_started_at,
    {{ from_unix('subscription.trial_end') }} as trial_ends_at,
    {{ from_unix('subscription.cancel_at') }} as cancel_at,
    {{ from_unix('subscription.canceled_at') }} as cancellation_requested_at,
    {{ from_unix('subscription.ended_at') }} as ended_at,
    {{ from_unix('subscription.current_period_start') }} as current_period_starts_at,
    {{ from_unix('subscription.current_period_end') }} as current_period_ends_at,

    -- its version in the lake
    is_deleted,
    is_stub,
    _batch
from parsed
