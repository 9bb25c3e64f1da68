{{ config(materialized='view') }}

select
    charge_id,
    stripe_customer_id,
    order_id,
    orders,
    payment_intent_id,
    attempted_at,
    payment_status,
    failure_code,
    decline_code,
    failure_class,
    payment_method,
    card_brand,
    card_country,
    card_expires_on,
    currency,
    {{ to_major('amount_minor', 'currency_exponent') }} as amount,
    {{ to_major('captured_minor', 'currency_exponent') }} as captured,
    cast(amount_minor as bigint) as amount_minor,
    cast(captured_minor as bigint) as captured_minor
from {{ ref('int_payments') }}
