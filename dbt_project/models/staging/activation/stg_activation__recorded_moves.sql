-- A row `withdrawn` takes back the earlier rows of its segment, customer and instant.
with log as (
    select
        segment,
        stripe_customer_id,
        move,
        {{ in_utc('moved_at') }} as moved_at,
        {{ version_position() }} as log_position
    from {{ source('lake', 'segment_moves') }}
),

withdrawn as (
    select
        segment,
        stripe_customer_id,
        moved_at,
        max(log_position) as log_position
    from log
    where move = 'withdrawn'
    group by segment, stripe_customer_id, moved_at
)

select
    log.*,
    coalesce(log.log_position < withdrawn.log_position, false) as is_withdrawn
from log
left join withdrawn
    on
        log.segment = withdrawn.segment
        and log.stripe_customer_id = withdrawn.stripe_customer_id
        and log.moved_at = withdrawn.moved_at
where log.move <> 'withdrawn'
