select
    adjustment_id,
    order_id,
    stripe_customer_id,
    adjustment_type,
    adjusted_at,
    currency,
    {{ to_major('amount_minor', 'currency_exponent') }} as amount,
    amount_minor
from {{ ref('int_order_adjustments') }}
where is_counted
