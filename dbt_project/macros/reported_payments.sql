{#
    Whether an InvoicePayment was reported from outside of Stripe and paid: neither a charge nor an
    intent is behind it. Source: docs.stripe.com/api/invoice-payment/object#invoice_payment_object-payment
#}
{% macro is_reported_from_outside() -%}
    not is_deleted
    and invoice_payment_status = 'paid'
    and charge_id is null
    and payment_intent_id is null
{%- endmacro %}
