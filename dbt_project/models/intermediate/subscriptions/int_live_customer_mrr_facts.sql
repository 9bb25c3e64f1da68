-- Of the recurring revenue what a customer's total converts, or can't for want of a rate: an amount of
-- 0 needs none, and one that isn't known would stay so with a rate.
select
    facts.subscription_id,
    facts.stripe_customer_id,
    facts.currency,
    facts.day,
    facts.rate_e21
from {{ ref('int_mrr_facts') }} as facts
inner join {{ ref('int_live_customers') }} as customers
    on facts.stripe_customer_id = customers.customer_id
where facts.mrr_e15 <> 0
