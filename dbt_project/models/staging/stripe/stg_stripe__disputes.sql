{{ config(unique_key='dispute_id', merge_clauses=merge_keeping_was_counted()) }}

with parsed as (
    {{ parsed_versions('disputes', 'dispute', {
        'created': 'BIGINT',
        'status': 'VARCHAR',
        'currency': 'VARCHAR',
        'amount': 'BIGINT',
        'charge': 'VARCHAR',
        'payment_intent': 'VARCHAR',
    }) }}
),

ever_counted as (
    {{ ever_counted('disputes') }}
)

select
    -- ids
    parsed.id as dispute_id,
    {{ reference('dispute.charge') }} as charge_id,
    {{ reference('dispute.payment_intent') }} as payment_intent_id,

    -- properties
    dispute.status as dispute_status,
    {{ counts_in_status('disputes', 'dispute.status') }} as is_counted,
    ever_counted.was_counted,

    -- amounts
    {{ lower_ascii("nullif(dispute.currency, '')") }} as currency,
    dispute.amount as amount_minor,

    -- times
    {{ from_unix('dispute.created') }} as created_at,

    -- its version in the lake
    parsed.is_deleted,
    parsed.is_stub,
    parsed._batch
from parsed
inner join ever_counted on parsed.id = ever_counted.id
