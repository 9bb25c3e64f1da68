-- Join the customers' stays in the campaign's segment into stays of persons.

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

-- The customers' stays of every person who is in the segment now. Overlapping or adjacent ones are
-- one stay of the person, and only those in the open one are kept (gaps and islands).
create or replace temp table customer_stays as
with audience as (
    select distinct members.person_id
    from segment_members
    inner join members using (stripe_customer_id)
    where segment_members.segment = getvariable('segment') and members.is_live
),

stays as (
    select
        members.person_id,
        members.stripe_customer_id,
        history.entered_at,
        history.left_at,
        members.is_live and history.left_at is null and inside.stripe_customer_id is not null
            as is_open,
        -- A stay is named by another instant than its start where a stay in the future was recorded
        -- before it and taken back (see int_withdrawn_stays).
        coalesce(history.occasion_at, history.entered_at) as named_at,
        stay_name(stripe_customer_id, occasion_name(history.segment, named_at)) as stay
    from segment_history as history
    inner join members using (stripe_customer_id)
    semi join audience using (person_id)
    left join segment_members as inside
        on
            history.segment = inside.segment
            and history.stripe_customer_id = inside.stripe_customer_id
    where
        history.segment = getvariable('segment')
        and history.entered_at <= getvariable('as_of')
),

marked as (
    select
        *,
        coalesce(
            entered_at > max(coalesce(left_at, timestamp 'infinity')) over (
                partition by person_id
                order by entered_at, stay, left_at
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_start
    from stays
),

numbered as (
    select
        *,
        count(*) filter (is_start) over (
            partition by person_id
            order by entered_at, stay, left_at
            rows unbounded preceding
        ) as number
    from marked
)

select *
from numbered
qualify bool_or(is_open) over (partition by person_id, number);

-- One row per person, with the key of a message that would be new.
create or replace temp table persons as
with found as (
    select
        person_id,
        occasion_name(getvariable('segment'), arg_min(named_at, (entered_at, stay))) as occasion,
        list(distinct stay order by stay) as stays
    from customer_stays
    group by person_id
),

together as (
    select person_id, list(distinct stripe_customer_id order by stripe_customer_id) as customers
    from members
    semi join found using (person_id)
    group by person_id
)

select
    found.*,
    together.customers,
    sha256(concat_ws('|', person_id, getvariable('campaign'), found.occasion)) as fresh_key
from found
inner join together using (person_id);
