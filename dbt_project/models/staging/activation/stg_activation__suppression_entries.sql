select
    channel,
    address,
    reason,
    is_active,
    recorded_at at time zone 'UTC' as recorded_at,
    {{ version_position() }} as log_position
from {{ source('lake', 'suppression_entries') }}
