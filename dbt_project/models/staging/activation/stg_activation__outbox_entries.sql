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
    campaign_version,
    {{ in_utc('as_of') }} as as_of,
    {{ in_utc('recorded_at') }} as recorded_at,
    {{ version_position() }} as log_position
from {{ source('lake', 'outbox_entries') }}
