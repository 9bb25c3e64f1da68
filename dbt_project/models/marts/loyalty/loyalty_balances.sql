select
    ledger.stripe_customer_id,
    cast(sum(ledger.points) as bigint) as balance,
    cast(coalesce(sum(ledger.points) filter (where ledger.matures_at <= clock.as_of), 0) as bigint)
        as available,
    cast(coalesce(sum(ledger.points) filter (where ledger.movement = 'earn'), 0) as bigint)
        as earned,
    cast(coalesce(-sum(ledger.points) filter (where ledger.movement = 'reverse'), 0) as bigint)
        as reversed,
    max(ledger.occurred_at) as last_movement_at
from {{ ref('loyalty_ledger') }} as ledger
cross join {{ ref('run_clock') }} as clock
group by ledger.stripe_customer_id
