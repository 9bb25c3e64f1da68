-- Each paid invoice of a further period, by which a subscription goes on: after another paid one of
-- the same subscription, so that the first payment after a trial is no renewal.
select
    stripe_customer_id,
    order_id as fact,
    order_id as fact_id,
    paid_at as happened_at
from (
    select
        *,
        row_number() over (partition by subscription_id order by ordered_at, order_id) as place
    from orders
    where subscription_id is not null and order_status = 'paid' and paid_at is not null
)
where place > 1 and billing_reason = 'subscription_cycle' and stripe_customer_id is not null
