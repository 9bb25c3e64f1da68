select
    orders.*,
    details.subscription_id,
    details.billing_reason,
    details.invoice_number as number,
    {{ to_major('details.discount_minor', 'details.currency_exponent') }} as discount,
    {{ to_major('details.tax_minor', 'details.currency_exponent') }} as tax,
    {{ to_major('details.amount_due_minor', 'details.currency_exponent') }} as amount_due,
    {{ to_major('details.amount_remaining_minor', 'details.currency_exponent') }}
        as amount_remaining,
    details.due_at,
    details.hosted_invoice_url,
    details.is_paid_out_of_band,
    details.discount_minor,
    details.tax_minor,
    details.amount_due_minor,
    details.amount_remaining_minor
from {{ ref('int_order_amounts') }} as orders
left join {{ ref('int_order_details') }} as details
    on orders.order_id = details.order_id
