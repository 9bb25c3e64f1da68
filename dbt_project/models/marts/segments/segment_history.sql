-- Stays from the log of earlier runs, updated by this run's members: a member without an open stay
-- enters, a customer with an open stay who isn't a member leaves. A run whose as-of instant lies
-- before the log's last move changes nothing: history isn't rewritten.
with ordered as (
    select
        *,
        lag(move) over (
            partition by segment, stripe_customer_id
            order by moved_at, log_position
        ) as move_before,
        min(case when move = 'left' then moved_at end) over (
            partition by segment, stripe_customer_id
            order by moved_at, log_position
            rows between 1 following and unbounded following
        ) as left_at
    from {{ ref('stg_activation__segment_moves') }}
),

stays as (
    select
        segment,
        stripe_customer_id,
        moved_at as entered_at,
        left_at,
        log_position
    from ordered
    -- A move that only repeats the one before it says nothing new.
    where
        move = 'entered'
        and move_before is distinct from 'entered'
),

withdrawn as (
    select * from {{ ref('int_withdrawn_stays') }}
),

-- Only of those with a stay that was taken back, who are few, the log is counted.
counted as (
    select
        moves.segment,
        moves.stripe_customer_id,
        moves.move,
        moves.log_position,
        count(*) filter (where moves.move = 'entered') over (
            partition by moves.segment, moves.stripe_customer_id
            order by moves.log_position
            rows between unbounded preceding and 1 preceding
        ) as stays_before
    from {{ ref('stg_activation__segment_moves') }} as moves
    where
        exists (
            select 1
            from withdrawn
            where
                withdrawn.segment = moves.segment
                and withdrawn.stripe_customer_id = moves.stripe_customer_id
        )
),

renamed as (
    select
        counted.log_position,
        withdrawn.occasion_at
    from counted
    inner join withdrawn
        on
            counted.segment = withdrawn.segment
            and counted.stripe_customer_id = withdrawn.stripe_customer_id
            and counted.stays_before = withdrawn.stays_before
    where counted.move = 'entered'
),

recorded as (
    select
        segment,
        stripe_customer_id,
        count(*) as stays
    from counted
    where move = 'entered'
    group by segment, stripe_customer_id
),

next_names as (
    select
        withdrawn.segment,
        withdrawn.stripe_customer_id,
        withdrawn.occasion_at
    from withdrawn
    left join recorded
        on
            withdrawn.segment = recorded.segment
            and withdrawn.stripe_customer_id = recorded.stripe_customer_id
    where withdrawn.stays_before = coalesce(recorded.stays, 0)
),

run as (
    select
        as_of,
        not coalesce(is_past, false) as continues_the_log
    from {{ ref('run_clock') }}
),

ended as (
    select
        stays.segment,
        stays.stripe_customer_id,
        stays.entered_at,
        stays.left_at,
        coalesce(renamed.occasion_at, stays.entered_at) as occasion_at
    from stays
    left join renamed
        on stays.log_position = renamed.log_position
    where stays.left_at is not null
),

open_stays as (
    select * from stays
    where left_at is null
),

-- One row per segment and customer with an open stay, who is a member, or both.
compared as (
    select
        coalesce(stays.segment, members.segment) as segment,
        coalesce(stays.stripe_customer_id, members.stripe_customer_id) as stripe_customer_id,
        stays.entered_at,
        stays.log_position,
        stays.stripe_customer_id is not null as has_stay,
        members.stripe_customer_id is not null as is_member
    from open_stays as stays
    full outer join {{ ref('segment_candidates') }} as members
        on
            stays.segment = members.segment
            and stays.stripe_customer_id = members.stripe_customer_id
),

lasting as (
    select
        compared.segment,
        compared.stripe_customer_id,
        coalesce(compared.entered_at, run.as_of) as entered_at,
        case
            when compared.is_member then null
            when undecided.stripe_customer_id is not null then null
            -- A disabled segment keeps its history: no one leaves it, and no one enters.
            when not segments.is_enabled then null
            when run.continues_the_log then run.as_of
        end as left_at,
        case
            when compared.has_stay then coalesce(renamed.occasion_at, compared.entered_at)
            else coalesce(next_names.occasion_at, run.as_of)
        end as occasion_at
    from compared
    cross join run
    left join {{ ref('int_segments') }} as segments
        on compared.segment = segments.segment
    left join {{ ref('int_undecided_members') }} as undecided
        on
            compared.segment = undecided.segment
            and compared.stripe_customer_id = undecided.stripe_customer_id
    left join renamed
        on compared.log_position = renamed.log_position
    left join next_names
        on
            compared.segment = next_names.segment
            and compared.stripe_customer_id = next_names.stripe_customer_id
    where
        compared.has_stay
        or (run.continues_the_log and undecided.stripe_customer_id is null)
)

select * from ended

union all

select * from lasting
