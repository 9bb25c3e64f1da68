-- What each unit of the campaign passes on the way to a message, beside the decision itself. Only
-- a preview asks for it.

create or replace temp table gates as
select
    decisions.unit,
    decisions.message_key,
    decisions.stripe_person_id,
    decisions.stripe_customer_id,
    candidates.entered_at,
    decisions.status,
    decisions.reason,
    decisions.is_due,
    barred.is_existing,
    barred.reason is distinct from 'existing_member'
    and barred.reason is distinct from 'earlier_fact' as new_since_live,
    barred.reason is distinct from 'too_late' as in_time,
    barred.reason is distinct from 're_entry' as not_again,
    barred.reason is distinct from 'excluded' as not_excluded,
    opted_in.address is not null as consented,
    coalesce(
        candidates.is_deliverable
        and not (
            getvariable('channel') <> 'sms'
            and not is_plain(candidates.address)
            and is_unsafe(candidates.address)
        ),
        false
    )
    and candidates.address is not null as reachable,
    stopped_persons.person_id is null as not_suppressed,
    decisions.reason is distinct from 'missing_rate' as rates_known,
    decisions.reason is distinct from 'duplicate_address' as first_at_address,
    decisions.is_due or decisions.status not in ('exported', 'rehearsed') as not_sent_before,
    decisions.reason is distinct from 'goal_met' as goal_not_met,
    coalesce(decisions.reason not in ('before_start', 'outside_window', 'expired'), true)
        as on_schedule
from decisions
inner join candidates using (unit)
inner join barred using (unit)
left join opted_in on compared_as(getvariable('channel'), candidates.address) = opted_in.address
left join stopped_persons on decisions.stripe_person_id = stopped_persons.person_id;
