-- The expiry of the card of a customer's newest succeeded charge that has one, and what failed lately.
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
