select
    subscription_id,
    stripe_customer_id,
    day,
    movement,
    currency,
    {{ to_major('moved_minor', 'currency_exponent') }} as amount,
    cast(moved_minor as bigint) as amount_minor,
    reporting_currency,
    {{ to_major('reporting_moved_minor', 'reporting_exponent') }} as reporting_amount,
    cast(reporting_moved_minor as bigint) as reporting_amount_minor,
    {{ to_major(to_minor_unit('mrr_e15'), 'currency_exponent') }} as mrr,
    {{ to_minor_unit('mrr_e15') }} as mrr_minor,
    {{ to_major(reporting_minor('reporting_e21'), 'reporting_exponent') }} as reporting_mrr,
    {{ reporting_minor('reporting_e21') }} as reporting_mrr_minor
from {{ ref('int_mrr_movements') }}
-- Less than a billionth of the minor unit is what divisions leave, and no movement.
where
    moved_e15 is null
    or abs(moved_e15) >= 1000000
    or moved_minor <> 0
    or movement in ('known', 'currency')
