select
    channel,
    address,
    status,
    source,
    occurred_at at time zone 'UTC' as occurred_at,
    recorded_at at time zone 'UTC' as recorded_at
from {{ source('lake', 'consent_entries') }}
