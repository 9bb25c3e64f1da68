-- Join the customers' stays in the campaign's segment into stays of persons. A person has one open
-- stay, so the unit that is decided about, of which each is one message, is the person.

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
        history.segment,
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

select
    *,
    person_id as unit,
    occasion_name(segment, named_at) as named_as
from numbered
qualify bool_or(is_open) over (partition by person_id, number);
