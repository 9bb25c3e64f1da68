-- Once a version counted it has counted for good: the points that it reversed are in the ledger.
{{ config(unique_key='dispute_id', merge_clauses={
    'when_matched': [{
        'action': 'update',
        'mode': 'explicit',
        'update': {'set_expressions': {
            'was_counted': 'DBT_INTERNAL_DEST.was_counted or DBT_INTERNAL_SOURCE.was_counted',
        }},
    }],
    'when_not_matched': [{'action': 'insert', 'mode': 'by_name'}],
}) }}

with current_state as (
    {{ current_versions('disputes', only_new=is_incremental(), last_live_body=true) }}
),

ever_counted as (
    select
        id,
        bool_or(coalesce(status, '') = 'lost') as was_counted
    from (
        select
            id,
            body ->> '$.status' as status
        from {{ source('lake', 'disputes') }}
        where {{ unread_batches() if is_incremental() else 'true' }}
    )
    group by id
),

parsed as (
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', {
            'created': 'BIGINT',
            'status': 'VARCHAR',
            'currency': 'VARCHAR',
            'amount': 'BIGINT',
            'charge': 'VARCHAR',
            'payment_intent': 'VARCHAR',
        }) }} as dispute
    from current_state
)

select
    parsed.id as dispute_id,
    {{ from_unix('dispute.created') }} as created_at,
    dispute.status as dispute_status,
    lower(dispute.currency) as currency,
    dispute.amount as amount_minor,
    dispute.charge as charge_id,
    dispute.payment_intent as payment_intent_id,
    coalesce(dispute.status, '') = 'lost' as is_counted,
    ever_counted.was_counted,
    parsed.is_deleted,
    parsed.is_stub,
    parsed._batch
from parsed
inner join ever_counted on parsed.id = ever_counted.id
