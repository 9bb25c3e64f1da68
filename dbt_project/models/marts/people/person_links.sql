select
    persons.person_id,
    persons.member_type,
    persons.member_id,
    links.reason,
    links.matched_value,
    links.linked_member_id
from {{ ref('int_member_persons') }} as persons
inner join {{ ref('int_person_links') }} as links
    on persons.member_id = links.member_id

union all

select
    person_id,
    member_type,
    member_id,
    'own' as reason,
    null as matched_value,
    member_id as linked_member_id
from {{ ref('int_member_persons') }}
where member_id = person_id
