-- What a customer ordered, counted and dated.
select
    stripe_customer_id,
    {{ order_figures() }}
from {{ ref('int_order_amounts') }}
where stripe_customer_id is not null
group by stripe_customer_id
