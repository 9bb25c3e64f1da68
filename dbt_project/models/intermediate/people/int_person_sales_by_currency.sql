with orders_of_persons as (
    select
        members.person_id,
        orders.currency,
        orders.net,
        orders.net_minor
    from {{ ref('int_joined_members') }} as members
    inner join {{ ref('int_order_amounts') }} as orders
        on members.member_id = coalesce(orders.stripe_customer_id, orders.order_id)
)

select *
from ({{ sales_by_currency('orders_of_persons', 'person_id') }})
