select
    segment,
    stripe_customer_id,
    move,
    moved_at at time zone 'UTC' as moved_at,
    {{ version_position() }} as log_position
from {{ source('lake', 'segment_moves') }}
