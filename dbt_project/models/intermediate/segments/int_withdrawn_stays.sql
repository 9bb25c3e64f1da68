-- The next stay that is recorded takes the name of the first one that was taken back before it.
with withdrawn as (
    select
        entries.segment,
        entries.stripe_customer_id,
        entries.moved_at as occasion_at,
        entries.log_position,
        count(earlier.move) as stays_before
    from {{ ref('stg_activation__recorded_moves') }} as entries
    left join {{ ref('stg_activation__recorded_moves') }} as earlier
        on
            entries.segment = earlier.segment
            and entries.stripe_customer_id = earlier.stripe_customer_id
            and entries.log_position > earlier.log_position
            and earlier.move = 'entered'
            and not earlier.is_withdrawn
    where
        entries.is_withdrawn
        and entries.move = 'entered'
    group by
        entries.segment,
        entries.stripe_customer_id,
        entries.moved_at,
        entries.log_position
)

select
    segment,
    stripe_customer_id,
    stays_before,
    occasion_at
from withdrawn
qualify
    row_number() over (
        partition by segment, stripe_customer_id, stays_before
        order by log_position
    ) = 1
