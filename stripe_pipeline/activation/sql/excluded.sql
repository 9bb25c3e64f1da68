-- The persons whom the campaign excludes, and those of whom only an exchange rate will tell.

-- A person is excluded as a whole: by any customer in a segment, or any customer or address on a list.
create or replace temp table excluded_persons as
select members.person_id
from segment_members
inner join members using (stripe_customer_id)
where list_contains(getvariable('not_in')::varchar[], segment_members.segment)
union
select members.person_id
from excluded_entries
inner join members on excluded_entries.entry = members.stripe_customer_id
where excluded_entries.key = 'stripe_customer_id'
union
select addresses.person_id
from excluded_entries
inner join person_addresses as addresses
    on compared_as('email', excluded_entries.entry) = addresses.compared_as
where excluded_entries.key = 'email' and addresses.channel = 'email';

-- Who may be in an excluded segment waits until the exchange rate says so.
create or replace temp table maybe_excluded as
select distinct members.person_id
from undecided_members
inner join members using (stripe_customer_id)
where list_contains(getvariable('not_in')::varchar[], undecided_members.segment);
