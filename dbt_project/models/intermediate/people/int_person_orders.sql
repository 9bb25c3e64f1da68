-- What a person's customers and guest payments come to, counted and dated.
select
    members.person_id,
    {{ order_figures() }}
from {{ ref('int_joined_members') }} as members
inner join {{ ref('int_order_amounts') }} as orders
    on members.member_id = coalesce(orders.stripe_customer_id, orders.order_id)
group by members.person_id
