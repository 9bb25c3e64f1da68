-- Whom the campaign may write to, and the customers of each person.

create or replace temp table live_customers as
select stripe_customer_id, stripe_person_id as person_id
from customer_profiles
-- The published marts may be older than the erasure.
anti join erased using (stripe_customer_id);

-- The customers of each person. A deleted customer stays in the person that it was in when a
-- message of the campaign was sent, as nothing has split them since.
create or replace temp table members as
with grouped as (
    select distinct stripe_customer_ids
    from sent
    where
        len(stripe_customer_ids) > 1
        and (status = 'exported' or not getvariable('live'))
),

named as (
    select stripe_customer_ids, unnest(stripe_customer_ids) as stripe_customer_id
    from grouped
),

gone as (
    select
        stripe_customer_id,
        unnest(stripe_customer_ids) as companion
    from named
    anti join live_customers using (stripe_customer_id)
)

select person_id, stripe_customer_id, true as is_live
from live_customers
union
select live_customers.person_id, gone.stripe_customer_id, false as is_live
from gone
inner join live_customers on gone.companion = live_customers.stripe_customer_id;
