-- Money that was taken: charges that succeeded and were captured, of real customers and guests.
select
    charges.charge_id,
    charges.payment_intent_id,
    charges.created_at,
    charges.currency,
    charges.amount_captured_minor as amount_minor
from {{ ref('stg_stripe__charges') }} as charges
cross join {{ ref('int_readable_resources') }} as readable
where
    readable.charges
    and not charges.is_deleted
    and charges.charge_status = 'succeeded'
    and charges.is_captured
    and not exists (
        select 1
        from {{ ref('int_test_clock_customers') }} as test_customers
        where test_customers.customer_id = charges.customer_id
    )
