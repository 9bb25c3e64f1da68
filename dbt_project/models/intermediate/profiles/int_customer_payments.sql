-- The expiry of the card of a customer's newest succeeded charge that has one, what failed lately, and
-- the oldest invoice that is still to be paid.
with paid as (
    select
        payments.stripe_customer_id,
        {{ last_value_by(
            'payments.card_expires_on',
            ['payments.attempted_at', 'payments.charge_id'],
            "payments.payment_status in ('paid', 'authorized', 'released')"
        ) }} as card_expires_on,
        count(*) filter (where {{ has_failed_lately('payments') }}) as failed_payments
    from {{ ref('int_payments') }} as payments
    cross join {{ ref('run_clock') }} as clock
    where payments.stripe_customer_id is not null
    group by payments.stripe_customer_id
),

unpaid as (
    select
        stripe_customer_id,
        {{ first_value_by(
            struct_of({
                'url': 'hosted_invoice_url',
                'amount': to_major('amount_remaining_minor', 'currency_exponent'),
                'amount_minor': 'amount_remaining_minor',
                'currency': 'currency',
            }),
            ['ordered_at', 'order_id']
        ) }} as invoice
    from {{ ref('int_unpaid_invoices') }}
    where stripe_customer_id is not null
    group by stripe_customer_id
)

select
    customers.customer_id as stripe_customer_id,
    paid.card_expires_on,
    coalesce(paid.failed_payments, 0) as failed_payments,
    unpaid.invoice.url as unpaid_url,
    unpaid.invoice.amount as unpaid_amount,
    cast(unpaid.invoice.amount_minor as bigint) as unpaid_amount_minor,
    unpaid.invoice.currency as unpaid_currency
from {{ ref('int_live_customers') }} as customers
left join paid
    on customers.customer_id = paid.stripe_customer_id
left join unpaid
    on customers.customer_id = unpaid.stripe_customer_id
