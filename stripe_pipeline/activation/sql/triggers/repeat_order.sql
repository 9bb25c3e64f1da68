-- Each paid order of a person after the first one.
select
    orders.stripe_customer_id,
    orders.order_id as fact,
    orders.order_id as fact_id,
    orders.paid_at as happened_at
from orders
inner join members using (stripe_customer_id)
where orders.order_status = 'paid' and orders.paid_at is not null
qualify
    row_number() over (
        partition by members.person_id
        order by orders.paid_at, orders.order_id
    ) > 1
