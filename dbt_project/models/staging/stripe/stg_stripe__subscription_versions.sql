{{ config(
    unique_key=['subscription_id', 'observed_at'],
    merge_clauses=merge_replacing_rows()
) }}

-- One row per version of a subscription that was ever read: what it cost, and whether it ran. Of two
-- versions that were read at one instant the later one counts. Merging the lake's files loses none.
with versions as (
    {{ observed_versions('subscriptions', ['id', 'observed_at', 'batch', 'body']) }}
),

parsed as (
    select
        id,
        observed_at,
        batch,
        {{ parse_json('body', {
            'status': 'VARCHAR',
            'pause_collection': {'behavior': 'VARCHAR'},
            'trial_end': 'BIGINT',
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
        }) }} as subscription
    from versions
)

select
    -- ids
    id as subscription_id,
    {{ in_utc('observed_at') }} as observed_at,

    -- properties
    subscription.status as subscription_status,
    subscription.pause_collection is not null as has_paused_collection,
    {{ subscription_items_of(given_items('subscription')) }} as items,
    {{ discount_terms(given_discounts('subscription')) }} as discounts,

    -- times
    {{ from_unix('subscription.trial_end') }} as trial_ends_at,
    {{ from_unix('subscription.ended_at') }} as ended_at,
    {{ from_unix('subscription.current_period_start') }} as current_period_starts_at,
    {{ from_unix('subscription.current_period_end') }} as current_period_ends_at,

    -- its version in the lake
    batch as _batch
from parsed
