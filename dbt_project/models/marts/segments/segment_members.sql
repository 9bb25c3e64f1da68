select
    members.segment,
    members.stripe_customer_id,
    coalesce(stays.entered_at, clock.as_of) as entered_at,
    members.why
from {{ ref('int_segment_candidates') }} as members
cross join {{ ref('run_clock') }} as clock
left join {{ ref('segment_history') }} as stays
    on
        members.segment = stays.segment
        and members.stripe_customer_id = stays.stripe_customer_id
        and stays.left_at is null
