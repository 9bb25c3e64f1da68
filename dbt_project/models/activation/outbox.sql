select
    message_key,
    campaign,
    channel,
    segment,
    stripe_customer_id,
    occasion,
    address_hash,
    status,
    reason,
    export_id,
    as_of,
    recorded_at
from {{ ref('stg_activation__outbox_entries') }}
qualify
    row_number() over (
        partition by message_key
        order by log_position desc
    ) = 1
