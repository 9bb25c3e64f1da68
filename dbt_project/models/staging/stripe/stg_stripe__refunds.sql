{{ config(unique_key='refund_id', merge_clauses=merge_keeping_was_counted()) }}

with current_state as (
    {{ current_versions('refunds', only_new=is_incremental(), last_live_body=true) }}
),

ever_counted as (
    {{ ever_counted('refunds') }}
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
        }) }} as refund
    from current_state
)

select
    parsed.id as refund_id,
    {{ from_unix('refund.created') }} as created_at,
    refund.status as refund_status,
    lower(refund.currency) as currency,
    refund.amount as amount_minor,
    refund.charge as charge_id,
    refund.payment_intent as payment_intent_id,
    {{ counts_in_status('refunds', 'refund.status') }} as is_counted,
    ever_counted.was_counted,
    parsed.is_deleted,
    parsed.is_stub,
    parsed._batch
from parsed
inner join ever_counted on parsed.id = ever_counted.id
