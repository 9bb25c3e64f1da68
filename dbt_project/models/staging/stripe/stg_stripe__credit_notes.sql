-- Once a version counted it has counted for good: the points that it reversed are in the ledger.
{{ config(unique_key='credit_note_id', merge_clauses={
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
    {{ current_versions('credit_notes', only_new=is_incremental(), last_live_body=true) }}
),

ever_counted as (
    select
        id,
        bool_or(coalesce(status, '') = 'issued') as was_counted
    from (
        select
            id,
            body ->> '$.status' as status
        from {{ source('lake', 'credit_notes') }}
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
            'invoice': 'VARCHAR',
            'out_of_band_amount': 'BIGINT',
        }) }} as credit_note
    from current_state
)

select
    parsed.id as credit_note_id,
    {{ from_unix('credit_note.created') }} as created_at,
    credit_note.status as credit_note_status,
    lower(credit_note.currency) as currency,
    credit_note.invoice as invoice_id,
    credit_note.out_of_band_amount as out_of_band_amount_minor,
    coalesce(credit_note.status, '') = 'issued' as is_counted,
    ever_counted.was_counted,
    parsed.is_deleted,
    parsed.is_stub,
    parsed._batch
from parsed
inner join ever_counted on parsed.id = ever_counted.id
