-- Stays from the log of earlier runs, updated by this run's members: a member without an open stay
-- enters, a customer with an open stay who isn't a member leaves. A run whose as-of instant lies
-- before the log's last move changes nothing: history isn't rewritten.
with numbered as (
    select
        *,
        count(*) filter (where move = 'entered') over (
            partition by segment, stripe_customer_id
            order by log_position
            rows between unbounded preceding and 1 preceding
        ) as stays_before
    from {{ ref('stg_activation__segment_moves') }}
),

moves as (
    select *
    from numbered
    -- A move that only repeats the one before it says nothing new.
    qualify move is distinct from lag(move) over (
        partition by segment, stripe_customer_id
        order by moved_at, log_position
    )
),

stays as (
    select
        segment,
        stripe_customer_id,
        move,
        stays_before,
        moved_at as entered_at,
        lead(moved_at) over (
            partition by segment, stripe_customer_id
            order by moved_at, log_position
        ) as left_at
    from moves
),

logged as (
    select
        segment,
        stripe_customer_id,
        stays_before,
        entered_at,
        left_at
    from stays
    where move = 'entered'
),

recorded as (
    select
        segment,
        stripe_customer_id,
        count(*) as stays
    from numbered
    where move = 'entered'
    group by segment, stripe_customer_id
),

run as (
    select
        as_of,
        not coalesce(is_past, false) as continues_the_log
    from {{ ref('run_clock') }}
),

carried_on as (
    select
        logged.segment,
        logged.stripe_customer_id,
        logged.entered_at,
        case
            when logged.left_at is not null then logged.left_at
            when undecided.stripe_customer_id is not null then null
            -- A disabled segment keeps its history: no one leaves it, and no one enters.
            when not segments.is_enabled then null
            when run.continues_the_log and members.stripe_customer_id is null then run.as_of
        end as left_at,
        coalesce(withdrawn.occasion_at, logged.entered_at) as occasion_at
    from logged
    cross join run
    left join {{ ref('int_segments') }} as segments
        on logged.segment = segments.segment
    left join {{ ref('segment_candidates') }} as members
        on
            logged.segment = members.segment
            and logged.stripe_customer_id = members.stripe_customer_id
    left join {{ ref('int_undecided_members') }} as undecided
        on
            logged.segment = undecided.segment
            and logged.stripe_customer_id = undecided.stripe_customer_id
    left join {{ ref('int_withdrawn_stays') }} as withdrawn
        on
            logged.segment = withdrawn.segment
            and logged.stripe_customer_id = withdrawn.stripe_customer_id
            and logged.stays_before = withdrawn.stays_before
),

entering as (
    select
        members.segment,
        members.stripe_customer_id,
        run.as_of as entered_at,
        cast(null as timestamp) as left_at,
        coalesce(withdrawn.occasion_at, run.as_of) as occasion_at
    from {{ ref('segment_candidates') }} as members
    cross join run
    left join {{ ref('int_undecided_members') }} as undecided
        on
            members.segment = undecided.segment
            and members.stripe_customer_id = undecided.stripe_customer_id
    left join recorded
        on
            members.segment = recorded.segment
            and members.stripe_customer_id = recorded.stripe_customer_id
    left join {{ ref('int_withdrawn_stays') }} as withdrawn
        on
            members.segment = withdrawn.segment
            and members.stripe_customer_id = withdrawn.stripe_customer_id
            and coalesce(recorded.stays, 0) = withdrawn.stays_before
    where
        run.continues_the_log
        and undecided.stripe_customer_id is null
        and not exists (
            select 1
            from logged
            where
                logged.segment = members.segment
                and logged.stripe_customer_id = members.stripe_customer_id
                and logged.left_at is null
        )
)

select * from carried_on

union all

select * from entering
