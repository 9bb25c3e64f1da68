-- The messages of an interrupted export that must not be sent any more, with the reason. The table
-- `interrupted` has the messages that were written (message_key, stripe_customer_id, address).
with found as (
    select
        interrupted.message_key,
        case
            when interrupted.address is null then 'interrupted'
            when suppressions.address is not null then 'suppressed'
            when stopped.reason is not null then stopped.reason
            when opt_outs.address is not null then 'opted_out'
            when reached_goal.person_id is not null then 'goal_met'
            when excluded.person_id is not null then 'excluded'
            when coalesce(maybe_goal.person_id, maybe.person_id) is not null then 'missing_rate'
        end as reason
    from interrupted
    left join customer_profiles as profiles using (stripe_customer_id)
    left join stopped_persons as stopped on profiles.stripe_person_id = stopped.person_id
    left join (select distinct address from suppressions) as suppressions
        on compared_as(getvariable('channel'), interrupted.address) = suppressions.address
    left join opt_outs
        on compared_as(getvariable('channel'), interrupted.address) = opt_outs.address
    left join reached_goal on profiles.stripe_person_id = reached_goal.person_id
    left join maybe_reached_goal as maybe_goal
        on profiles.stripe_person_id = maybe_goal.person_id
    left join excluded_persons as excluded on profiles.stripe_person_id = excluded.person_id
    left join maybe_excluded as maybe on profiles.stripe_person_id = maybe.person_id
)

select message_key, any_value(reason) as reason
from found
where reason is not null
group by message_key
