-- Each subscription that has ended; a cancellation that is asked for and yet to come is none.
select
    stripe_customer_id,
    subscription_id as fact,
    subscription_id as fact_id,
    ended_at as happened_at
from subscriptions
where subscription_status = 'canceled' and ended_at is not null and stripe_customer_id is not null
