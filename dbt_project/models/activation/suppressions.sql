-- The newest entry of a channel and address holds; one that lifts a suppression removes it here.
select
    channel,
    address,
    reason,
    recorded_at
from {{ ref('stg_activation__suppression_entries') }}
qualify
    row_number() over (
        partition by channel, address
        order by log_position desc
    ) = 1
    and is_active
