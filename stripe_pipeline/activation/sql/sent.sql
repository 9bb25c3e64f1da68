-- The log of one campaign. Entries of older versions, which wrote to customers rather than persons,
-- have one customer and its stay.
create or replace temp view campaign_entries as
select
    * replace (
        coalesce(stripe_customer_ids, [stripe_customer_id]) as stripe_customer_ids,
        coalesce(stays, [stay_name(stripe_customer_id, occasion)]) as stays
    )
from outbox_entries
where campaign = getvariable('campaign');

-- Messages that were recorded, and removed from their export before its folder was visible.
create or replace temp table taken_back as
select message_key, export_id, max(place) as place
from campaign_entries
where export_id is not null and status not in ('exported', 'rehearsed')
group by message_key, export_id;

create or replace temp view sent as
select entries.*
from campaign_entries as entries
where
    entries.status in ('exported', 'rehearsed')
    and not exists (
        select 1
        from taken_back
        where
            taken_back.message_key = entries.message_key
            and taken_back.export_id = entries.export_id
            and taken_back.place > entries.place
    );
