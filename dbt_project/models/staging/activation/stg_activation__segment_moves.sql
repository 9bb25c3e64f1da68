select
    segment,
    stripe_customer_id,
    move,
    moved_at,
    log_position
from {{ ref('stg_activation__recorded_moves') }}
where not is_withdrawn
