{{ config(materialized='table') }}

-- The contact details on a guest's payment: of the Checkout session first, then of the charge, the
-- first valid address and number. A payment without any has no row.
with sessions as (
    select
        payment_intent_id,
        {{ last_value_by(
            struct_of({
                'email': 'email',
                'phone_raw': 'phone_raw',
                'full_name': 'full_name',
                'country': 'country',
            }),
            ['created_at', 'checkout_session_id']
        ) }} as details
    from {{ ref('int_checkout_sessions') }}
    where payment_intent_id is not null
    group by payment_intent_id
),

given as (
    select
        orders.order_id,
        orders.ordered_at,
        coalesce(sessions.details.email, charges.guest_email, charges.guest_receipt_email) as email,
        sessions.details.phone_raw as session_phone_raw,
        charges.guest_phone_raw as charge_phone_raw,
        coalesce(sessions.details.full_name, charges.guest_name) as full_name,
        coalesce(sessions.details.country, charges.guest_country) as country
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('stg_stripe__charges') }} as charges
        on orders.order_id = charges.charge_id
    left join sessions
        on charges.payment_intent_id = sessions.payment_intent_id
    where
        orders.order_source = 'payment'
        and orders.stripe_customer_id is null
),

-- A number that came without a country is one of where the other of the two is from.
contacts as (
    select
        given.order_id,
        given.ordered_at,
        given.email,
        coalesce(emails.is_deliverable, false) as is_email_deliverable,
        coalesce(session_phones.phone, charge_phones.phone) as phone,
        given.full_name,
        given.country
    from given
    left join {{ ref('stg_contacts__emails') }} as emails
        on given.email = emails.raw
    left join {{ ref('stg_contacts__phones') }} as session_phones
        on
            given.session_phone_raw = session_phones.raw
            and given.country is not distinct from session_phones.country
    left join {{ ref('stg_contacts__phones') }} as charge_phones
        on
            given.charge_phone_raw = charge_phones.raw
            and given.country is not distinct from charge_phones.country
    where {{ all_normalized({
        'given.email': 'emails.raw',
        'given.session_phone_raw': 'session_phones.raw',
        'given.charge_phone_raw': 'charge_phones.raw',
    }) }}
)

select *
from contacts
where phone is not null or is_email_deliverable
