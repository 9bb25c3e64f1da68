select
    channel,
    address,
    reason,
    is_active,
    {{ in_utc('recorded_at') }} as recorded_at,
    {{ version_position() }} as log_position
from {{ source('lake', 'suppression_entries') }}
