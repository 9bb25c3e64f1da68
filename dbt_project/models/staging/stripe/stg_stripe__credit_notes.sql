{{ config(unique_key='credit_note_id', merge_clauses=merge_keeping_was_counted()) }}

with parsed as (
    {{ parsed_versions('credit_notes', 'credit_note', {
        'created': 'BIGINT',
        'status': 'VARCHAR',
        'currency': 'VARCHAR',
        'invoice': 'VARCHAR',
        'out_of_band_amount': 'BIGINT',
    }) }}
),

ever_counted as (
    {{ ever_counted('credit_notes') }}
)

select
    -- ids
    parsed.id as credit_note_id,
    {{ reference('credit_note.invoice') }} as invoice_id,

    -- properties
    credit_note.status as credit_note_status,
    {{ counts_in_status('credit_notes', 'credit_note.status') }} as is_counted,
    ever_counted.was_counted,

    -- amounts
    {{ lower_ascii("nullif(credit_note.currency, '')") }} as currency,
    credit_note.out_of_band_amount as out_of_band_amount_minor,

    -- times
    {{ from_unix('credit_note.created') }} as created_at,

    -- its version in the lake
    parsed.is_deleted,
    parsed.is_stub,
    parsed._batch
from parsed
inner join ever_counted on parsed.id = ever_counted.id
