{{ config(unique_key='invoice_payment_id') }}

with parsed as (
    {{ parsed_versions('invoice_payments', 'invoice_payment', {
        'created': 'BIGINT',
        'invoice': 'VARCHAR',
        'status': 'VARCHAR',
        'amount_paid': 'BIGINT',
        'status_transitions': {'paid_at': 'BIGINT'},
        'payment': {'type': 'VARCHAR', 'charge': 'VARCHAR', 'payment_intent': 'VARCHAR'},
    }) }}
)

select
    -- ids
    id as invoice_payment_id,
    {{ reference('invoice_payment.invoice') }} as invoice_id,
    {{ reference('invoice_payment.payment.charge') }} as charge_id,
    {{ reference('invoice_payment.payment.payment_intent') }} as payment_intent_id,

    -- properties
    invoice_payment.status as invoice_payment_status,

    -- amounts
    coalesce(invoice_payment.amount_paid, 0) as amount_paid_minor,

    -- times
    {{ from_unix('invoice_payment.created') }} as created_at,
    {{ from_unix('invoice_payment.status_transitions.paid_at') }} as paid_at,

    -- its version in the lake
    is_deleted,
    is_stub,
    _batch
from parsed
