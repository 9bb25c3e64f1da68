-- The log's entries about the campaign's messages to these persons.

-- A message belongs to the person who has its stay or fact now, even if the person's id has changed.
create or replace temp table messages_of_persons as
with answered as (
    select message_key, unnest(stays) as stay
    from campaign_entries
)

select distinct customer_stays.unit, answered.message_key
from answered
inner join customer_stays using (stay)
union
select persons.unit, campaign_entries.message_key
from campaign_entries
inner join persons on campaign_entries.message_key = persons.fresh_key;

-- A semi join first, so that the aggregations below don't read a long log.
create or replace temp table entries_of_persons as
select campaign_entries.*
from campaign_entries
semi join messages_of_persons using (message_key);

create or replace temp table messages as
with recorded as (
    select
        message_key,
        arg_max(
            {
                'status': status, 'reason': reason, 'stripe_customer_id': stripe_customer_id,
                'stripe_person_id': stripe_person_id, 'occasion': occasion,
                'address_hash': address_hash, 'campaign_version': campaign_version
            },
            place
        ) as newest,
        list_distinct(flatten(list(stays))) as stays,
        list_distinct(flatten(list(stripe_customer_ids))) as customers
    from entries_of_persons
    group by message_key
),

-- The first entry in each mode: the one written with the message, not a later refresh of it.
gone_out as (
    select
        message_key,
        arg_min(
            {
                'status': status, 'reason': reason, 'stripe_customer_id': stripe_customer_id,
                'stripe_person_id': stripe_person_id, 'occasion': occasion,
                'address_hash': address_hash, 'export_id': export_id, 'as_of': as_of,
                'campaign_version': campaign_version
            },
            (status != 'exported', place)
        ) as first,
        min((status != 'exported', place)) as precedence,
        bool_or(status = 'exported') as was_exported
    from sent
    semi join messages_of_persons using (message_key)
    group by message_key
)

select
    recorded.*,
    gone_out.first,
    gone_out.precedence,
    coalesce(gone_out.was_exported, false) as was_exported,
    gone_out.message_key is not null
    and (gone_out.was_exported or not getvariable('live')) as is_done
from recorded
left join gone_out using (message_key);

-- The one message that counts for the unit, which is a person's stay or a fact, where there is one.
create or replace temp table done as
select messages_of_persons.unit, messages.*
from messages_of_persons
inner join messages using (message_key)
where messages.is_done
qualify row_number() over (
    partition by messages_of_persons.unit order by messages.precedence
) = 1;
