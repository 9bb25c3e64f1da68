-- A row `withdrawn` takes back the earlier rows of its segment, customer and instant.
with log as (
    select
        segment,
        stripe_customer_id,
        move,
        {{ in_utc('moved_at') }} as moved_at,
        {{ version_position() }} as log_position
    from {{ source('lake', 'segment_moves') }}
)

select
    log.*,
    exists(
        select 1
        from log as back
        where
            back.move = 'withdrawn'
            and back.segment = log.segment
            and back.stripe_customer_id = log.stripe_customer_id
            and back.moved_at = log.moved_at
            and back.log_position > log.log_position
    ) as is_withdrawn
from log
where log.move <> 'withdrawn'
