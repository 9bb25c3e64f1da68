with nets as (
    select
        stripe_customer_id,
        currency,
        sum(net) as net
    from {{ ref('orders') }}
    where stripe_customer_id is not null
    group by stripe_customer_id, currency
    having sum(net_minor) <> 0
)

select
    stripe_customer_id,
    {{ amounts_by_currency('currency', 'net') }} as sales_by_currency
from nets
group by stripe_customer_id
