-- The values that make one person of their carriers: of several members, and yet no shared mailbox
-- and not of so many customers that it must be a placeholder. Metadata was written to tell who is
-- who, and has no limit.
with shared as (
    select
        reason,
        value,
        count(*) filter (where member_type = 'customer') as customers
    from {{ ref('int_person_values') }}
    group by reason, value
    having count(*) > 1
)

select
    shared.reason,
    shared.value
from shared
left join {{ ref('shared_mailboxes') }} as mailboxes
    on
        shared.reason = 'email'
        and {{ mailbox_name('shared.value') }} = mailboxes.local_part
where
    mailboxes.local_part is null
    and (shared.reason = 'metadata' or shared.customers <= {{ var('person_shared_limit') }})
