-- Each subscription that started, with a trial or without; one whose first payment never came
-- (incomplete, incomplete_expired) didn't.
select
    stripe_customer_id,
    subscription_id as fact,
    subscription_id as fact_id,
    started_at as happened_at
from subscriptions
where
    subscription_status not in ('incomplete', 'incomplete_expired')
    and started_at is not null
    and stripe_customer_id is not null
