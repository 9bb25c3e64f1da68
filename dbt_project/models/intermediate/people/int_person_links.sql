{{ config(materialized='table') }}

-- Why members are the same person: each link between two of them, as one of its ends sees it. Who
-- carries a value is linked to its first carrier, and that one to the second.
with joined as (
    select
        carried.*,
        row_number() over carriers as place,
        first_value(carried.member_id) over carriers as first_member_id,
        first_value(carried.position) over carriers as first_position,
        lead(carried.member_id) over carriers as next_member_id,
        lead(carried.position) over carriers as next_position
    from {{ ref('int_person_values') }} as carried
    inner join {{ ref('int_joining_values') }} as joining
        on
            carried.reason = joining.reason
            and carried.value = joining.value
    -- A member that an override keeps separate has no links but those of overrides.
    left join {{ ref('int_person_overrides') }} as aparts
        on
            carried.member_id = aparts.customer_id
            and aparts.action = 'apart'
    where aparts.customer_id is null
    window carriers as (partition by carried.reason, carried.value order by carried.position)
),

overridden as (
    select
        customer_id,
        other_customer_id
    from {{ ref('int_person_overrides') }}
    where action = 'join'

    union

    select
        other_customer_id as customer_id,
        customer_id as other_customer_id
    from {{ ref('int_person_overrides') }}
    where action = 'join'
)

select
    member_id,
    position,
    reason,
    value as matched_value,
    case when place = 1 then next_member_id else first_member_id end as linked_member_id,
    case when place = 1 then next_position else first_position end as linked_position
from joined
where place > 1 or next_member_id is not null

union all

select
    member.member_id,
    member.position,
    'override' as reason,
    null as matched_value,
    other.member_id as linked_member_id,
    other.position as linked_position
from overridden
inner join {{ ref('int_person_members') }} as member
    on
        overridden.customer_id = member.member_id
        and member.member_type = 'customer'
inner join {{ ref('int_person_members') }} as other
    on
        overridden.other_customer_id = other.member_id
        and other.member_type = 'customer'
where member.member_id <> other.member_id
