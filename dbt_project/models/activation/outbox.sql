select
    message_key,
    campaign,
    channel,
    segment,
    stripe_customer_id,
    stripe_person_id,
    stripe_customer_ids,
    occasion,
    address_hash,
    status,
    reason,
    export_id,
    campaign_version,
    as_of,
    recorded_at
from {{ ref('stg_activation__outbox_entries') }}
qualify
    row_number() over (
        partition by message_key
        order by log_position desc
    ) = 1
