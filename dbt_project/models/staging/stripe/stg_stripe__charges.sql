{{ config(unique_key='charge_id') }}

with parsed as (
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', {
            'created': 'BIGINT',
            'customer': 'VARCHAR',
            'payment_intent': 'VARCHAR',
            'status': 'VARCHAR',
            'captured': 'BOOLEAN',
            'currency': 'VARCHAR',
            'amount_captured': 'BIGINT',
        }) }} as charge
    from ({{ current_versions('charges', only_new=is_incremental(), last_live_body=true) }})
)

select
    id as charge_id,
    {{ from_unix('charge.created') }} as created_at,
    charge.customer as customer_id,
    charge.payment_intent as payment_intent_id,
    charge.status as charge_status,
    coalesce(charge.captured, false) as is_captured,
    lower(charge.currency) as currency,
    charge.amount_captured as amount_captured_minor,
    is_deleted,
    is_stub,
    _batch
from parsed
