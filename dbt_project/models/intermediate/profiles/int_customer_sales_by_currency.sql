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
    map_from_entries(
        list({'currency': currency, 'net': cast(net as decimal(18, 3))} order by currency)
    ) as sales_by_currency
from nets
group by stripe_customer_id
