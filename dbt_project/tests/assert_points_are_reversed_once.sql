-- What was taken back of an earning never exceeds it, and what was given back never exceeds that.
with reversals as (
    select
        coalesce(earlier.reverses_entry_id, later.reverses_entry_id) as entry_id,
        sum(later.points) as points
    from {{ ref('loyalty_ledger') }} as later
    left join {{ ref('loyalty_ledger') }} as earlier
        on
            later.reverses_entry_id = earlier.entry_id
            and earlier.movement = 'reverse'
    where later.movement = 'reverse'
    group by coalesce(earlier.reverses_entry_id, later.reverses_entry_id)
)

select
    earned.entry_id,
    earned.points,
    reversals.points as reversed
from {{ ref('loyalty_ledger') }} as earned
inner join reversals
    on earned.entry_id = reversals.entry_id
where earned.points + reversals.points not between 0 and earned.points
