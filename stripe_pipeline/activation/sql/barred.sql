-- What the campaign itself says against a message, whatever the person's address: a row for each
-- unit, with a reason where it gets none. What was exported stays exported.

-- The newest message of the campaign that each unit's person had for something else.
create or replace temp table had_before as
with had as (
    select
        message_key,
        -- Later entries add the customers who were joined to its person.
        list_distinct(flatten(list(stripe_customer_ids))) as customers,
        min(as_of) at time zone 'UTC' as sent_at
    from sent
    where status = 'exported' or not getvariable('live')
    group by message_key
),

by_customer as (
    select message_key, unnest(customers) as stripe_customer_id, sent_at
    from had
)

select persons.unit, max(by_customer.sent_at) as sent_at
from persons
inner join members on persons.person_id = members.person_id
inner join by_customer on members.stripe_customer_id = by_customer.stripe_customer_id
left join messages_of_persons as own
    on persons.unit = own.unit and by_customer.message_key = own.message_key
where own.message_key is null
group by persons.unit;

create or replace temp table barred as
with waiting as (
    select distinct messages_of_persons.unit
    from messages_of_persons
    inner join messages using (message_key)
    where
        messages.newest.status = 'held'
        and list_contains(getvariable('waiting')::varchar[], messages.newest.reason)
),

judged as (
    select
        persons.unit,
        persons.person_id,
        persons.began_at <= getvariable('went_live_at') as is_existing,
        -- So many days earlier at the same time of day in the reporting zone; null for a segment.
        in_zone(persons.began_at)
        < in_zone(getvariable('as_of')) - cast(getvariable('within') as interval) as is_late,
        had_before.unit is not null
        and (
            getvariable('re_entry') is null
            or in_zone(persons.began_at)
            < in_zone(had_before.sent_at) + to_days(cast(getvariable('re_entry') as integer))
        ) as is_again
    from persons
    left join had_before on persons.unit = had_before.unit
)

select
    judged.unit,
    judged.is_existing,
    case
        when coalesce(done.was_exported, false) then null
        when judged.is_existing and not getvariable('takes_existing')
            then getvariable('existing_reason')
        -- What was rehearsed, or waits for its time, isn't late.
        when judged.is_late and done.unit is null and waiting.unit is null then 'too_late'
        when judged.is_again and done.unit is null
            and getvariable('re_entry') is distinct from 0 then 're_entry'
        when excluded.person_id is not null then 'excluded'
        when maybe.person_id is not null then 'missing_rate'
    end as reason
from judged
left join done on judged.unit = done.unit
left join waiting on judged.unit = waiting.unit
left join excluded_persons as excluded on judged.person_id = excluded.person_id
left join maybe_excluded as maybe on judged.person_id = maybe.person_id;
