with members as (
    select
        decided.segment,
        decided.stripe_customer_id,
        decided.why
    from {{ ref('segment_candidates') }} as decided
    left join {{ ref('int_undecided_members') }} as undecided
        on
            decided.segment = undecided.segment
            and decided.stripe_customer_id = undecided.stripe_customer_id
    where undecided.stripe_customer_id is null

    union all

    -- An undecided customer who was a member stays one until the rate is known.
    select
        undecided.segment,
        undecided.stripe_customer_id,
        {{ json_text({'stays_without_a_rate_for': 'undecided.fields'}) }} as why
    from {{ ref('int_undecided_members') }} as undecided
    inner join {{ ref('segment_history') }} as stays
        on
            undecided.segment = stays.segment
            and undecided.stripe_customer_id = stays.stripe_customer_id
            and stays.left_at is null
)

select
    members.segment,
    members.stripe_customer_id,
    coalesce(stays.entered_at, clock.as_of) as entered_at,
    members.why
from members
cross join {{ ref('run_clock') }} as clock
left join {{ ref('segment_history') }} as stays
    on
        members.segment = stays.segment
        and members.stripe_customer_id = stays.stripe_customer_id
        and stays.left_at is null
