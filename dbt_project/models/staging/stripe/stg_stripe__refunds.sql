{{ config(unique_key='refund_id', merge_clauses=merge_keeping_was_counted()) }}

with parsed as (
    {{ parsed_versions('refunds', 'refund', {
        'created': 'BIGINT',
        'status': 'VARCHAR',
        'currency': 'VARCHAR',
        'amount': 'BIGINT',
        'charge': 'VARCHAR',
        'payment_intent': 'VARCHAR',
    }) }}
),

ever_counted as (
    {{ ever_counted('refunds') }}
)

select
    -- ids
    parsed.id as refund_id,
    {{ reference('refund.charge') }} as charge_id,
    {{ reference('refund.payment_intent') }} as payment_intent_id,

    -- properties
    refund.status as refund_status,
    {{ counts_in_status('refunds', 'refund.status') }} as is_counted,
    ever_counted.was_counted,

    -- amounts
    {{ lower_ascii("nullif(refund.currency, '')") }} as currency,
    refund.amount as amount_minor,

    -- times
    {{ from_unix('refund.created') }} as created_at,

    -- its version in the lake
    parsed.is_deleted,
    parsed.is_stub,
    parsed._batch
from parsed
inner join ever_counted on parsed.id = ever_counted.id
