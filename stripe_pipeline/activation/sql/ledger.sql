-- Consents and suppressions on a channel. Addresses are compared in their normalized form.
create or replace temp view consents as
select channel, compared_as(channel, address) as address, status, occurred_at
from consent
union all
select channel, compared_as(channel, address), status, occurred_at at time zone 'UTC'
from consent_entries;

create or replace temp table opted_in as
select distinct address
from consents
where
    channel = getvariable('channel')
    and status = 'opt_in'
    and occurred_at <= getvariable('as_of');

create or replace temp table opt_outs as
select distinct address
from consents
where channel = getvariable('channel') and status = 'opt_out';

-- The newest entry of a channel and address is in force.
create or replace temp table suppressions as
select channel, address
from (
    select
        channel,
        compared_as(channel, address) as address,
        arg_max(is_active, place) as is_active
    from suppression_entries
    where channel in (getvariable('channel'), 'all')
    group by all
)
where is_active;

-- Every form in which a ledger may have an address of a person. For erased customers the ledgers
-- have digests: older ones of the address as typed, newer ones of its normalized form.
create or replace temp view person_spellings as
select
    person_id,
    channel,
    unnest([compared_as, erased_form(compared_as), erased_form(address)]) as address
from person_addresses;

-- An opt-out of one address stops messages to all of the person's addresses. A suppression on all
-- channels stops all of the person's channels, whichever address it names.
create or replace temp table stopped_persons as
with stopped as (
    select spellings.person_id, true as is_suppressed
    from person_spellings as spellings
    inner join suppressions
        on
            spellings.address = suppressions.address
            and (suppressions.channel = 'all' or spellings.channel = suppressions.channel)

    union all

    select spellings.person_id, false as is_suppressed
    from person_spellings as spellings
    inner join opt_outs on spellings.address = opt_outs.address
    where spellings.channel = getvariable('channel')
)

select
    person_id,
    case when bool_or(is_suppressed) then 'suppressed' else 'opted_out' end as reason
from stopped
group by person_id;
