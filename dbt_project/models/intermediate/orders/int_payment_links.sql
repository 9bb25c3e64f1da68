-- Which payment pays which invoice. Stripe's own record of it is the InvoicePayment, in whatever
-- status. Objects from before 2025-03 name each other instead: an invoice its charge and payment
-- intent, a charge its invoice. That counts where no InvoicePayment links the two, as one of all
-- that the invoice was paid; it needs no permission for invoice payments.
with recorded as (
    select
        payments.invoice_payment_id as link_id,
        payments.invoice_id,
        payments.charge_id,
        payments.payment_intent_id,
        payments.amount_paid_minor,
        payments.created_at
    from {{ ref('stg_stripe__invoice_payments') }} as payments
    cross join {{ ref('int_readable_resources') }} as readable
    where readable.invoice_payments
),

named as (
    select
        invoice_id,
        charge_id,
        payment_intent_id
    from {{ ref('stg_stripe__invoices') }}
    where charge_id is not null or payment_intent_id is not null

    union

    select
        invoice_id,
        charge_id,
        payment_intent_id
    from {{ ref('stg_stripe__charges') }}
    where invoice_id is not null
),

-- The invoice may name the charge, and the InvoicePayment that charge's intent.
resolved as (
    select
        named.invoice_id,
        named.charge_id,
        coalesce(named.payment_intent_id, charges.payment_intent_id) as payment_intent_id
    from named
    left join {{ ref('stg_stripe__charges') }} as charges
        on named.charge_id = charges.charge_id
)

select * from recorded

union all

select
    resolved.invoice_id as link_id,
    resolved.invoice_id,
    resolved.charge_id,
    resolved.payment_intent_id,
    coalesce(invoices.amount_paid_minor, 0) as amount_paid_minor,
    invoices.created_at
from resolved
left join {{ ref('stg_stripe__invoices') }} as invoices
    on resolved.invoice_id = invoices.invoice_id
where
    not exists (
        select 1
        from recorded
        where
            recorded.invoice_id = resolved.invoice_id
            and recorded.charge_id = resolved.charge_id
    )
    and not exists (
        select 1
        from recorded
        where
            recorded.invoice_id = resolved.invoice_id
            and recorded.payment_intent_id = resolved.payment_intent_id
    )
