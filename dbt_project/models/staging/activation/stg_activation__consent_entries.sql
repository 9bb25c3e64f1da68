select
    channel,
    address,
    status,
    source,
    {{ in_utc('occurred_at') }} as occurred_at,
    {{ in_utc('recorded_at') }} as recorded_at
from {{ source('lake', 'consent_entries') }}
