-- The first paid order of each person: one fact, however many customers the person has, and
-- whichever order is learned late to be the first.
select
    stripe_customer_id,
    'first' as fact,
    arg_min(order_id, (paid_at, order_id)) as fact_id,
    min(paid_at) as happened_at
from orders
where order_status = 'paid' and paid_at is not null and stripe_customer_id is not null
group by stripe_customer_id
