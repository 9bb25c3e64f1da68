-- Add a newer published set's opt-outs and addresses to those of the set that the export began
-- with. Its new opt-ins count from the next export on.

create or replace view consent as
select channel, address, status, occurred_at
from first_consent
union all
select channel, address, status, occurred_at
from newer_consent
where status = 'opt_out';

-- Persons may have other ids there, or have been joined: an address there belongs to each person of
-- the first set who has a customer in common with its person.
create or replace view person_addresses as
select person_id, channel, address, compared_as
from first_person_addresses
union
select profiles.stripe_person_id, addresses.channel, addresses.address, addresses.compared_as
from newer_person_addresses as addresses
inner join newer_customer_profiles as newer on addresses.person_id = newer.stripe_person_id
inner join customer_profiles as profiles using (stripe_customer_id);
