select
    {{ is_readable('invoices') }} as invoices,
    {{ is_readable('invoice_payments') }} as invoice_payments,
    {{ is_readable('charges') }} as charges,
    {{ is_readable('refunds') }} as refunds,
    {{ is_readable('credit_notes') }} as credit_notes,
    {{ is_readable('disputes') }} as disputes,
    {{ is_readable('checkout_sessions') }} as checkout_sessions,
    {{ is_readable('subscriptions') }} as subscriptions,
    {{ is_readable('products') }} as products,
    {{ is_readable('coupons') }} as coupons
from {{ ref('raw_resource_access') }}
