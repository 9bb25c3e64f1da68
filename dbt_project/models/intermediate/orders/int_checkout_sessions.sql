-- The Checkout sessions that the marts may use.
select sessions.*
from {{ ref('stg_stripe__checkout_sessions') }} as sessions
cross join {{ ref('run_clock') }} as clock
cross join {{ ref('int_readable_resources') }} as readable
where
    readable.checkout_sessions
    and not sessions.is_deleted
    and sessions.created_at <= clock.as_of
