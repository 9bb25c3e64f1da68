{{ config(unique_key='charge_id') }}

with parsed as (
    {{ parsed_versions('charges', 'charge', {
        'created': 'BIGINT',
        'customer': 'VARCHAR',
        'customer_account': 'VARCHAR',
        'invoice': 'VARCHAR',
        'payment_intent': 'VARCHAR',
        'status': 'VARCHAR',
        'paid': 'BOOLEAN',
        'captured': 'BOOLEAN',
        'currency': 'VARCHAR',
        'amount': 'BIGINT',
        'amount_captured': 'BIGINT',
        'amount_refunded': 'BIGINT',
        'refunded': 'BOOLEAN',
        'billing_details': {
            'email': 'VARCHAR',
            'phone': 'VARCHAR',
            'name': 'VARCHAR',
            'address': {'country': 'VARCHAR'},
        },
        'receipt_email': 'VARCHAR',
        'failure_code': 'VARCHAR',
        'outcome': {'type': 'VARCHAR', 'reason': 'VARCHAR'},
        'payment_method_details': {
            'type': 'VARCHAR',
            'card': {
                'brand': 'VARCHAR', 'country': 'VARCHAR', 'exp_month': 'BIGINT', 'exp_year': 'BIGINT',
            },
        },
        'source': {
            'object': 'VARCHAR',
            'brand': 'VARCHAR',
            'country': 'VARCHAR',
            'exp_month': 'BIGINT',
            'exp_year': 'BIGINT',
        },
    }, only_normalized=true) }}
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
    {{ reference('charge.customer') }} as customer_id,
    {{ reference('charge.customer_account') }} as customer_account_id,
    {{ reference('charge.payment_intent') }} as payment_intent_id,
    -- The link of before 2025-03, to be read through int_payment_links alone.
    {{ reference('charge.invoice') }} as invoice_id,
    -- Before 2015 the status was called paid, before that `paid` alone said it; and whatever was
    -- charged was captured, before there was a word for it.
    coalesce(
        case when charge.status = 'paid' then 'succeeded' else charge.status end,
        case when charge.paid then 'succeeded' when not charge.paid then 'failed' end
    ) as charge_status,
    coalesce(charge.captured, charge.amount_captured > 0, true) as is_captured,
    {{ lower_ascii("nullif(charge.currency, '')") }} as currency,
    charge.amount as amount_minor,
    coalesce(
        charge.amount_captured,
        case when coalesce(charge.captured, true) then charge.amount else 0 end
    ) as amount_captured_minor,
    charge.amount_refunded as amount_refunded_minor,
    coalesce(charge.refunded, false) as is_refunded_in_full,
    nullif(charge.failure_code, '') as failure_code,
    charge.outcome.type as outcome_type,
    nullif(charge.outcome.reason, '') as outcome_reason,
    -- Before 2018 a charge had the card, or what else was charged, in `source`.
    coalesce(charge.payment_method_details.type, charge.source.object) as payment_method,
    {{ lower_ascii(
        "coalesce(nullif(charge.payment_method_details.card.brand, ''), nullif(charge.source.brand, ''))"
    ) }} as card_brand,
    coalesce(
        nullif(charge.payment_method_details.card.country, ''), nullif(charge.source.country, '')
    ) as card_country,
    coalesce(
        {{ month_end(
            'charge.payment_method_details.card.exp_year',
            'charge.payment_method_details.card.exp_month'
        ) }},
        {{ month_end('charge.source.exp_year', 'charge.source.exp_month') }}
    ) as card_expires_on,
    emails.email as guest_email,
    receipts.email as guest_receipt_email,
    nullif(guest.phone, '') as guest_phone_raw,
    nullif(guest.name, '') as guest_name,
    countries.country as guest_country,
    is_deleted,
    is_stub,
    _batch
from guests
left join {{ ref('stg_contacts__emails') }} as emails
    on guest.email = emails.raw
left join {{ ref('stg_contacts__emails') }} as receipts
    on guest_receipt_email = receipts.raw
left join {{ ref('stg_contacts__countries') }} as countries
    on guest.address.country = countries.raw
where {{ all_normalized({
    'guest.email': 'emails.raw',
    'guest_receipt_email': 'receipts.raw',
    'guest.address.country': 'countries.raw',
}) }}
