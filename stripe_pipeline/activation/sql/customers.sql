-- Each person's customers in the segment, and what stands against writing to each of them.

create or replace temp table judged_customers as
with addressed as (
    select
        stays.unit,
        stays.person_id,
        stays.stripe_customer_id,
        min(stays.entered_at) as entered_at,
        any_value(nullif(profiles.{address}, '')) as address,
        bool_and(coalesce({deliverable}, true)) as is_deliverable
    from customer_stays as stays
    inner join customer_profiles as profiles using (stripe_customer_id)
    where stays.is_open
    group by stays.unit, stays.person_id, stays.stripe_customer_id
),

hashed as (
    select
        *,
        address_hash(compared_as(getvariable('channel'), address)) as address_hash,
        address_hash(address) as older_hash
    from addressed
),

-- The log has an address as its hash, in older entries that of the address before normalization,
-- and for an erased customer a digest of the hash.
spelled as (
    select
        person_id,
        stripe_customer_id,
        unnest([address_hash, older_hash, erased_form(address_hash), erased_form(older_hash)])
            as address_hash
    from hashed
    where address is not null
),

-- A rehearsal doesn't count in a live export, as no message was sent.
owners as (
    select
        address_hash,
        arg_min(stripe_customer_id, (status != 'exported', place)) as owner
    from sent
    semi join spelled using (address_hash)
    where
        channel = getvariable('channel')
        and (status = 'exported' or not getvariable('live'))
    group by address_hash
),

taken as (
    select distinct spelled.person_id, spelled.stripe_customer_id
    from spelled
    inner join owners using (address_hash)
    left join members
        on
            spelled.person_id = members.person_id
            and owners.owner = members.stripe_customer_id
    where members.person_id is null
),

-- Customers who lack an exchange rate for a field that the segment or the templates name.
unrated as (
    select stripe_customer_id
    from undecided_members
    where segment = getvariable('segment')
    union
    select stripe_customer_id
    from unrated_fields
    where list_contains(getvariable('fields')::varchar[], field)
)

select
    hashed.*,
    case
        when barred.reason is not null then barred.reason
        when hashed.address is null then 'no_address'
        when not hashed.is_deliverable then 'undeliverable'
        when getvariable('channel') <> 'sms' and not is_plain(hashed.address)
            and is_unsafe(hashed.address) then 'unsafe_address'
        when opted_in.address is null then 'no_consent'
        when unrated.stripe_customer_id is not null then 'missing_rate'
        when taken.person_id is not null then 'duplicate_address'
    end as obstacle
from hashed
left join opted_in
    on compared_as(getvariable('channel'), hashed.address) = opted_in.address
left join taken
    on
        hashed.person_id = taken.person_id
        and hashed.stripe_customer_id = taken.stripe_customer_id
left join barred on hashed.unit = barred.unit
left join unrated on hashed.stripe_customer_id = unrated.stripe_customer_id;
