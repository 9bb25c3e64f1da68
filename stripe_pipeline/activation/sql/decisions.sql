-- One decision per unit, which is a person's stay or a fact: who gets the campaign's message now, who
-- doesn't, and why. A message is due once: exported when sends are live, else rehearsed.

create or replace temp table decisions as
with judged as (
    select
        persons.*,
        candidates.stripe_customer_id,
        candidates.address,
        candidates.address_hash,
        done.first,
        coalesce(done.message_key, persons.fresh_key) as message_key,
        done.message_key is not null as is_done,
        coalesce(done.was_exported, false) as was_exported,
        case
            when
                candidates.obstacle in ('no_address', 'undeliverable')
                or barred.reason is not null
                then candidates.obstacle
            else
                coalesce(
                    stopped.reason,
                    candidates.obstacle,
                    -- What was written before is neither too late nor too early.
                    case
                        when done.message_key is not null then null
                        when reached_goal.person_id is not null then 'goal_met'
                        when maybe_goal.person_id is not null then 'missing_rate'
                        else holds.hold
                    end
                )
        end as obstacle
    from persons
    inner join candidates using (unit)
    left join barred using (unit)
    left join stopped_persons as stopped on persons.person_id = stopped.person_id
    left join done using (unit)
    left join reached_goal on persons.person_id = reached_goal.person_id
    left join maybe_reached_goal as maybe_goal on persons.person_id = maybe_goal.person_id
    left join holds on candidates.stripe_customer_id = holds.stripe_customer_id
),

decided as (
    select
        *,
        case
            when was_exported or (is_done and obstacle is null) then null
            else obstacle
        end as reason
    from judged
),

stated as (
    select
        *,
        case
            when was_exported then 'exported'
            -- Rehearsed, and no reason to hold it has arisen since.
            when is_done and reason is null then 'rehearsed'
            when list_contains(getvariable('skipping'), reason) then 'skipped'
            when reason is not null then 'held'
            when getvariable('live') then 'exported'
            else 'rehearsed'
        end as status
    from decided
)

select
    stated.unit,
    stated.message_key,
    stated.person_id as stripe_person_id,
    coalesce(stated.first.stripe_customer_id, stated.stripe_customer_id) as stripe_customer_id,
    stated.customers as stripe_customer_ids,
    stated.stays,
    coalesce(stated.first.occasion, stated.occasion) as occasion,
    stated.address,
    stated.address_hash,
    stated.status,
    case when stated.status = 'rehearsed' then 'live_sends_off' else stated.reason end as reason,
    not stated.is_done and stated.status in ('exported', 'rehearsed') as is_due,
    coalesce(
        messages.newest.status = 'held' and messages.newest.reason = '{template_failed}', false
    ) as has_failed,
    stated.status in ('held', 'skipped')
    and (stated.status, case when stated.status in ('held', 'skipped') then stated.reason end)
    is distinct from (messages.newest.status, messages.newest.reason) as is_news
from stated
left join messages using (message_key);

-- Further log entries, which keep a message's owners known when persons are split or ids change.
create or replace temp table further_news as
-- A sent message counts for all customers who have been joined to its person since.
with joined as (
    select
        done.message_key,
        any_value(done.first) as first,
        list_sort(list_distinct(flatten(list(list_concat(done.customers, persons.customers)))))
            as stripe_customer_ids,
        list_sort(list_distinct(flatten(list(list_concat(done.stays, persons.stays))))) as stays
    from done
    inner join persons using (unit)
    where
        not list_has_all(done.customers, persons.customers)
        or not list_has_all(done.stays, persons.stays)
    group by done.message_key
)

select
    message_key,
    first.stripe_customer_id as stripe_customer_id,
    first.occasion as occasion,
    first.address_hash as address_hash,
    first.status as status,
    first.reason as reason,
    first.stripe_person_id as stripe_person_id,
    stripe_customer_ids,
    stays,
    first.export_id as export_id,
    first.campaign_version as campaign_version
from joined

union all

-- A withheld message to a person who has been joined to another one since.
select
    message_key,
    newest.stripe_customer_id,
    newest.occasion,
    newest.address_hash,
    'skipped',
    'same_person',
    newest.stripe_person_id,
    customers,
    stays,
    null,
    newest.campaign_version
from messages
where
    newest.status in ('held', 'skipped')
    and newest.reason is distinct from 'same_person'
    and message_key not in (select message_key from decisions);
