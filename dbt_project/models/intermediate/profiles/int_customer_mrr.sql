-- A customer's recurring revenue a month in the reporting currency, rounded once.
select
    stripe_customer_id,
    {{ sum_mrr() }} as mrr_minor
from {{ ref('int_mrr_facts') }}
where stripe_customer_id is not null
group by stripe_customer_id
