{{ config(materialized='table') }}

-- The contact details on a guest's payment: of the Checkout session first, then of the charge, the
-- first valid address and number. A payment without any has no row.
with sessions as (
    select
        payment_intent_id,
        {{ last_value_by(
            struct_of({
                'email': 'email',
                'customer_id': 'customer_id',
                'guest_phone': 'guest_phone',
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
        sessions.details as session,
        charges.guest_phone as charge_phone,
        charges.guest_phone_raw as charge_phone_raw,
        charges.guest_country as charge_country,
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

contacts as (
    select
        order_id,
        ordered_at,
        email,
        coalesce({{ is_deliverable('email') }}, false) as is_email_deliverable,
        -- Staging has read most numbers already. One that came without a country, beside one that
        -- came with it, is read again.
        coalesce(
            case
                when session.customer_id is null and session.country is not distinct from country
                    then session.guest_phone
                else {{ phone_number('session.phone_raw', 'country') }}
            end,
            case
                when charge_country is not distinct from country then charge_phone
                else {{ phone_number('charge_phone_raw', 'country') }}
            end
        ) as phone,
        full_name,
        country
    from given
)

select *
from contacts
where phone is not null or is_email_deliverable
