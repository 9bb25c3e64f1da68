-- The values that make one person of their carriers: of several members and yet no shared mailbox,
-- no address that nobody can have, and not of so many customers that it must be a placeholder.
-- Metadata was written to tell who is who, and has no limit.
with shared as materialized (
    select
        reason,
        value,
        count(*) filter (where member_type = 'customer') as customers
    from {{ ref('int_person_values') }}
    group by reason, value
    having count(*) > 1
)

select
    reason,
    value
from shared
where
    (reason = 'metadata' or customers <= {{ var('person_shared_limit') }})
    and case
        when reason <> 'email' then true
        when {{ mailbox('value') }} in (
            select mailboxes.local_part from {{ ref('shared_mailboxes') }} as mailboxes
        ) then false
        else is_valid_email(value)
    end
