-- Invoices that a customer should pay: open, and past their due date or with a payment that failed.
with invoices as (
    select
        orders.order_id,
        orders.stripe_customer_id,
        orders.order_status,
        orders.ordered_at,
        orders.currency,
        orders.currency_exponent,
        details.due_at,
        details.hosted_invoice_url,
        details.amount_remaining_minor
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_order_details') }} as details
        on orders.order_id = details.order_id
)

{{ unpaid_invoices('invoices', ref('int_payments')) }}
