with payments as (
    select
        payments.invoice_id,
        max(payments.paid_at) as paid_at
    from {{ ref('stg_stripe__invoice_payments') }} as payments
    cross join {{ ref('int_readable_resources') }} as readable
    where
        readable.invoice_payments
        and not payments.is_deleted
        and payments.invoice_payment_status = 'paid'
    group by payments.invoice_id
),

charged as (
    select
        order_id as invoice_id,
        sum(share_minor) as amount_minor
    from {{ ref('int_charge_shares') }}
    group by order_id
),

known as (
    select
        invoices.*,
        -- A paid invoice may not say when: then its newest payment does, else its own date.
        coalesce(
            invoices.paid_at,
            case
                when invoices.invoice_status = 'paid'
                    then coalesce(payments.paid_at, invoices.created_at)
            end
        ) as known_paid_at,
        case
            -- Before 2025-03 amount_paid left out what was paid outside of Stripe, then all of it.
            when invoices.is_paid_out_of_band
                then greatest(invoices.amount_paid_minor, invoices.amount_due_minor)
            when invoices.amount_paid_minor is not null then invoices.amount_paid_minor
            -- Before 2018 `paid` was all that an invoice said. Null where nothing tells how much.
            when invoices.invoice_status = 'paid'
                then coalesce(charged.amount_minor, invoices.amount_due_minor)
            when invoices.invoice_status in ('draft', 'open', 'void', 'uncollectible') then 0
        end as collected_minor
    from {{ ref('stg_stripe__invoices') }} as invoices
    left join payments
        on invoices.invoice_id = payments.invoice_id
    left join charged
        on invoices.invoice_id = charged.invoice_id
)

select
    known.invoice_id as order_id,
    known.customer_id as stripe_customer_id,
    'invoice' as order_source,
    known.invoice_status as order_status,
    known.created_at as ordered_at,
    case when known.known_paid_at <= clock.as_of then known.known_paid_at end as paid_at,
    case when known.voided_at <= clock.as_of then known.voided_at end as voided_at,
    known.currency,
    known.total_minor as order_total_minor,
    coalesce(known.total_excluding_tax_minor, known.total_minor)
        as order_total_excluding_tax_minor,
    case
        when known.invoice_status = 'paid' then coalesce(quantities.quantity, 0)
        else 0
    end as items_purchased,
    cast(known.collected_minor as bigint) as collected_minor
from known
cross join {{ ref('run_clock') }} as clock
left join {{ ref('int_invoice_quantities') }} as quantities
    on known.invoice_id = quantities.invoice_id
where
    not known.is_deleted
    -- Invoices of nothing and credits are no orders; one that collected an old balance is.
    and (known.subtotal_minor > 0 or known.total_minor > 0 or known.collected_minor > 0)
    and known.created_at <= clock.as_of
    and known.test_clock_id is null
