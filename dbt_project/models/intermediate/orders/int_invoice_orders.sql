select
    invoices.invoice_id as order_id,
    invoices.customer_id as stripe_customer_id,
    'invoice' as order_source,
    invoices.invoice_status as order_status,
    invoices.created_at as ordered_at,
    case when invoices.paid_at <= clock.as_of then invoices.paid_at end as paid_at,
    case when invoices.voided_at <= clock.as_of then invoices.voided_at end as voided_at,
    invoices.currency,
    invoices.total_minor as order_total_minor,
    coalesce(invoices.total_excluding_tax_minor, invoices.total_minor)
        as order_total_excluding_tax_minor,
    case
        when invoices.invoice_status = 'paid' then coalesce(quantities.quantity, 0)
        else 0
    end as items_purchased,
    -- Before 2025-03 amount_paid left out what was paid outside of Stripe, which is then all of it.
    case
        when invoices.is_paid_out_of_band
            then greatest(invoices.amount_paid_minor, invoices.amount_due_minor)
        else coalesce(invoices.amount_paid_minor, 0)
    end as collected_minor
from {{ ref('stg_stripe__invoices') }} as invoices
cross join {{ ref('run_clock') }} as clock
left join {{ ref('int_invoice_quantities') }} as quantities
    on invoices.invoice_id = quantities.invoice_id
where
    not invoices.is_deleted
    and invoices.subtotal_minor > 0
    and invoices.created_at <= clock.as_of
    and invoices.test_clock_id is null
