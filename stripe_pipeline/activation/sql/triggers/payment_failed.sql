-- Each attempt to pay that failed: a payment that is tried four times in vain is four facts.
select
    stripe_customer_id,
    charge_id as fact,
    charge_id as fact_id,
    attempted_at as happened_at
from payments
where payment_status = 'failed' and attempted_at is not null and stripe_customer_id is not null
