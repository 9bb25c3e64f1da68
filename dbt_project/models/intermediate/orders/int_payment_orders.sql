-- Charges that pay no invoice. Where invoice payments can't be read, these are unknown, and no
-- charge is an order.
with sessions as (
    select
        payment_intent_id,
        {{ last_value_by(
            'quantity', ['created_at', 'checkout_session_id']
        ) }} as quantity
    from {{ ref('int_checkout_sessions') }}
    where payment_intent_id is not null
    group by payment_intent_id
)

select
    charges.charge_id as order_id,
    charges.customer_id as stripe_customer_id,
    'payment' as order_source,
    'paid' as order_status,
    charges.created_at as ordered_at,
    charges.created_at as paid_at,
    cast(null as timestamp) as voided_at,
    charges.currency,
    charges.amount_captured_minor as order_total_minor,
    charges.amount_captured_minor as order_total_excluding_tax_minor,
    coalesce(sessions.quantity, 1) as items_purchased,
    charges.amount_captured_minor as collected_minor,
    charges.payment_intent_id
from {{ ref('stg_stripe__charges') }} as charges
cross join {{ ref('run_clock') }} as clock
cross join {{ ref('int_readable_resources') }} as readable
left join sessions
    on charges.payment_intent_id = sessions.payment_intent_id
where
    {{ 'true' if 'payment' in setting('order_sources', 'invoice,payment') else 'false' }}
    and readable.charges
    and readable.invoice_payments
    and not charges.is_deleted
    and charges.charge_status = 'succeeded'
    and charges.is_captured
    and charges.created_at <= clock.as_of
    and not exists (
        select 1
        from {{ ref('int_payment_links') }} as links
        where links.charge_id = charges.charge_id
    )
    and not exists (
        select 1
        from {{ ref('int_payment_links') }} as links
        where links.payment_intent_id = charges.payment_intent_id
    )
