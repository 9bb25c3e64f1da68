-- What an invoice further says of its order; a payment without an invoice says little.
with reported as (
    select distinct invoice_id
    from {{ ref('stg_stripe__invoice_payments') }}
    where {{ is_reported_from_outside() }}
)

select
    orders.order_id,
    invoices.subscription_id,
    invoices.billing_reason,
    invoices.invoice_number,
    invoices.hosted_invoice_url,
    invoices.due_at,
    orders.currency_exponent,
    cast(invoices.discount_minor as bigint) as discount_minor,
    -- The totals with and without it say it in every version, and stay when a customer is erased.
    case
        when orders.order_source = 'payment' then null
        when invoices.total_excluding_tax_minor is not null
            then invoices.total_minor - invoices.total_excluding_tax_minor
        else coalesce(invoices.tax_minor, 0)
    end as tax_minor,
    case
        when orders.order_source = 'payment' then orders.order_total_minor
        else invoices.amount_due_minor
    end as amount_due_minor,
    case
        when orders.order_source = 'payment' or invoices.is_paid_out_of_band then 0
        when invoices.amount_remaining_minor is not null then invoices.amount_remaining_minor
        when invoices.amount_due_minor < orders.collected_minor then 0
        else invoices.amount_due_minor - orders.collected_minor
    end as amount_remaining_minor,
    case
        when orders.order_source = 'payment' then false
        when
            invoices.is_paid_out_of_band
            or invoices.amount_paid_off_stripe_minor > 0
            or (readable.invoice_payments and reported.invoice_id is not null)
            then true
        when readable.invoice_payments or invoices.amount_paid_off_stripe_minor is not null
            then false
    end as is_paid_out_of_band
from {{ ref('int_orders') }} as orders
cross join {{ ref('int_readable_resources') }} as readable
left join {{ ref('stg_stripe__invoices') }} as invoices
    on orders.order_id = invoices.invoice_id
left join reported
    on orders.order_id = reported.invoice_id
