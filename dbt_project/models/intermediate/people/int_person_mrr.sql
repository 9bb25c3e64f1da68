-- A person's recurring revenue a month in the reporting currency, rounded once.
select
    members.person_id,
    {{ sum_mrr() }} as mrr_minor
from {{ ref('int_joined_members') }} as members
inner join {{ ref('int_mrr_facts') }} as facts
    on members.member_id = facts.stripe_customer_id
group by members.person_id
