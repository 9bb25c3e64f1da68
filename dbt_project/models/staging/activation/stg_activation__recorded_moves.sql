-- A row `withdrawn` takes back the earlier rows of its segment, customer and instant. Such rows are
-- rare: the log is read for them alone, as a database skips the parts of a file that have none.
with withdrawn as (
    select
        segment,
        stripe_customer_id,
        {{ in_utc('moved_at') }} as moved_at,
        max({{ version_position() }}) as log_position
    from {{ source('lake', 'segment_moves') }}
    where move = 'withdrawn'
    group by segment, stripe_customer_id, moved_at
),

moves as (
    select
        segment,
        stripe_customer_id,
        move,
        {{ in_utc('moved_at') }} as moved_at,
        {{ version_position() }} as log_position
    from {{ source('lake', 'segment_moves') }}
    where move <> 'withdrawn'
)

select
    moves.*,
    withdrawn.log_position is not null
    and moves.log_position < withdrawn.log_position as is_withdrawn
from moves
left join withdrawn
    on
        moves.segment = withdrawn.segment
        and moves.stripe_customer_id = withdrawn.stripe_customer_id
        and moves.moved_at = withdrawn.moved_at
