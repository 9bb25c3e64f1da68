-- Two people may share an address, and only one of them gets the message there: who came to it first.
-- Everyone asks for the best address that wasn't refused to them yet. Run it until it refuses none:
-- then no one asks for another's address, and who gets nothing was refused all of theirs.

create or replace temp table refused as
with asking as (
    select person_id, stripe_customer_id, address_hash, entered_at
    from judged_customers
    anti join stopped_persons using (person_id)
    anti join done using (unit)
    -- Who has met the goal leaves the address to the next.
    anti join reached_goal using (person_id)
    anti join maybe_reached_goal using (person_id)
    where obstacle is null
    qualify row_number() over (
        partition by unit order by entered_at, stripe_customer_id
    ) = 1
)

select distinct person_id, address_hash
from asking
qualify person_id != first_value(person_id) over (
    partition by address_hash order by entered_at, stripe_customer_id
);

update judged_customers
set obstacle = 'duplicate_address'
from refused
where
    judged_customers.obstacle is null
    and judged_customers.person_id = refused.person_id
    and judged_customers.address_hash = refused.address_hash;
