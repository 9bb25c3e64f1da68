-- Which mailboxes, phone numbers and metadata values members carry.
select
    member_id,
    member_type,
    position,
    'email' as reason,
    mailbox as value
from {{ ref('int_person_members') }}
where mailbox is not null

union all

select
    member_id,
    member_type,
    position,
    'phone' as reason,
    phone as value
from {{ ref('int_person_members') }}
where phone is not null

union all

select
    member_id,
    member_type,
    position,
    'metadata' as reason,
    metadata_value as value
from {{ ref('int_person_members') }}
where metadata_value is not null
