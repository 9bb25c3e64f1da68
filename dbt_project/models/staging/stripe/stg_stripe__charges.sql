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
            'billing_details': {
                'email': 'VARCHAR',
                'phone': 'VARCHAR',
                'name': 'VARCHAR',
                'address': {'country': 'VARCHAR'},
            },
            'receipt_email': 'VARCHAR',
        }) }} as charge
    from ({{ current_versions('charges', only_new=is_incremental(), last_live_body=true) }})
),

-- Who paid, of a guest's charge alone: a customer's contact details are the customer's own.
guests as (
    select
        *,
        case when charge.customer is null then charge.billing_details end as guest,
        case when charge.customer is null then charge.receipt_email end as guest_receipt_email
    from parsed
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
    {{ normalize_email('guest.email') }} as guest_email,
    {{ normalize_email('guest_receipt_email') }} as guest_receipt_email,
    nullif(guest.phone, '') as guest_phone_raw,
    nullif(guest.name, '') as guest_name,
    nullif(guest.address.country, '') as guest_country,
    is_deleted,
    is_stub,
    _batch
from guests
