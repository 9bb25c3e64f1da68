-- A person's sales in the reporting currency's minor unit, rounded once over all their facts.
select
    members.person_id,
    {{ sales_figures() }}
from {{ ref('int_joined_members') }} as members
left join {{ ref('int_sales_facts') }} as facts
    on members.member_id = coalesce(facts.stripe_customer_id, facts.order_id)
group by members.person_id
