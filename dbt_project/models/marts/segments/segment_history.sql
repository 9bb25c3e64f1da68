-- Stays as the log of earlier runs has them, carried on by this run's members: who is a member and
-- has no open stay enters, who has one and is no member leaves. A run whose as-of instant lies
-- before the log's last move changes nothing: history isn't rewritten.
with moves as (
    select *
    from {{ ref('stg_activation__segment_moves') }}
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
        entered_at,
        left_at
    from stays
    where move = 'entered'
),

run as (
    select
        clock.as_of,
        coalesce(clock.as_of >= max(moves.moved_at), true) as continues_the_log
    from {{ ref('run_clock') }} as clock
    left join moves on true
    group by clock.as_of
),

carried_on as (
    select
        logged.segment,
        logged.stripe_customer_id,
        logged.entered_at,
        case
            when logged.left_at is not null then logged.left_at
            when undecided.stripe_customer_id is not null then null
            when run.continues_the_log and members.stripe_customer_id is null then run.as_of
        end as left_at
    from logged
    cross join run
    left join {{ ref('int_segment_candidates') }} as members
        on
            logged.segment = members.segment
            and logged.stripe_customer_id = members.stripe_customer_id
    left join {{ ref('int_undecided_members') }} as undecided
        on
            logged.segment = undecided.segment
            and logged.stripe_customer_id = undecided.stripe_customer_id
),

entering as (
    select
        members.segment,
        members.stripe_customer_id,
        run.as_of as entered_at,
        cast(null as timestamp) as left_at
    from {{ ref('int_segment_candidates') }} as members
    cross join run
    left join {{ ref('int_undecided_members') }} as undecided
        on
            members.segment = undecided.segment
            and members.stripe_customer_id = undecided.stripe_customer_id
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
