-- What earned points, such as an order: one fact, however many rules gave points for it.
select
    stripe_customer_id,
    source_id as fact,
    source_id as fact_id,
    min(occurred_at) as happened_at
from loyalty_ledger
where movement = 'earn' and points > 0
group by stripe_customer_id, source_id
