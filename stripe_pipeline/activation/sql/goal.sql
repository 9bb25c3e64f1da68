-- The people of whom a customer is in the segment that is the campaign's goal, where it has one, and
-- those of whom only an exchange rate will tell.
create or replace temp table reached_goal as
select distinct members.person_id
from segment_members
inner join members using (stripe_customer_id)
where members.is_live and segment_members.segment = getvariable('goal');

create or replace temp table maybe_reached_goal as
select distinct members.person_id
from undecided_members
inner join members using (stripe_customer_id)
where members.is_live and undecided_members.segment = getvariable('goal');
