-- Each refund that counts, and each credit note by which money was paid back outside of Stripe. One
-- that several orders share is one fact.
select
    stripe_customer_id,
    adjustment_id as fact,
    adjustment_id as fact_id,
    min(adjusted_at) as happened_at
from order_adjustments
where adjustment_type in ('refund', 'credit_note') and stripe_customer_id is not null
group by stripe_customer_id, adjustment_id
