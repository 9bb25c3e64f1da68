select
    message_key,
    campaign,
    channel,
    segment,
    stripe_customer_id,
    stripe_person_id,
    stripe_customer_ids,
    stays,
    occasion,
    address_hash,
    status,
    reason,
    export_id,
    as_of at time zone 'UTC' as as_of,
    recorded_at at time zone 'UTC' as recorded_at,
    {{ version_position() }} as log_position
from {{ source('lake', 'outbox_entries') }}
