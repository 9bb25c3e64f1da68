{{ config(materialized='table') }}

select
    entries.stripe_customer_id,
    cast(sum(entries.points) as bigint) as balance,
    cast(
        coalesce(sum(entries.points) filter (where {{ is_mature('entries') }}), 0) as bigint
    ) as available,
    cast(coalesce(sum(entries.points) filter (where entries.movement = 'earn'), 0) as bigint)
        as earned,
    cast(coalesce(-sum(entries.points) filter (where entries.movement = 'reverse'), 0) as bigint)
        as reversed,
    max(entries.occurred_at) as last_movement_at
from {{ ref('int_loyalty_entries') }} as entries
cross join {{ ref('run_clock') }} as clock
group by entries.stripe_customer_id
