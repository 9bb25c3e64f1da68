-- What refunds, lost disputes and voids took back, pro rata of every entry that the order earned.
-- After each adjustment the sum reversed is floor(points * adjusted / collected), so that parts
-- never add up to more than the whole. An adjustment that counted once and no longer does (a failed
-- refund) is reversed itself, and those after it are computed as if it had never been. One in another
-- currency counts as what it comes to in the order's, and waits where that isn't known.
with adjustments as (
    select
        order_id,
        adjustment_id,
        adjusted_at,
        order_amount_minor as amount_minor,
        is_counted
    from {{ ref('int_order_adjustments') }}
    where order_amount_minor is not null

    union all

    select
        order_id,
        order_id as adjustment_id,
        coalesce(voided_at, paid_at) as adjusted_at,
        collected_minor as amount_minor,
        true as is_counted
    from {{ ref('int_orders') }}
    where order_status = 'void'
),

running as (
    select
        adjustments.order_id,
        adjustments.adjustment_id,
        adjustments.adjusted_at,
        adjustments.amount_minor,
        adjustments.is_counted,
        orders.collected_minor,
        coalesce(sum(
            case when adjustments.is_counted then adjustments.amount_minor else 0 end
        ) over (
            partition by adjustments.order_id
            order by adjustments.adjusted_at, adjustments.adjustment_id
            rows between unbounded preceding and 1 preceding
        ), 0) as adjusted_before_minor
    from adjustments
    inner join {{ ref('int_orders') }} as orders
        on adjustments.order_id = orders.order_id
    where orders.collected_minor > 0
),

reversals as (
    select
        {{ earning_id('earnings') }} as reverses_entry_id,
        earnings.stripe_customer_id,
        earnings.rule,
        earnings.rule_version,
        earnings.occurred_at as earned_at,
        running.adjustment_id as source_id,
        running.adjusted_at as occurred_at,
        running.is_counted,
        {{ pro_rata(
            'earnings.points',
            'least(running.adjusted_before_minor + running.amount_minor, running.collected_minor)',
            'running.collected_minor'
        ) }}
        - {{ pro_rata(
            'earnings.points',
            'least(running.adjusted_before_minor, running.collected_minor)',
            'running.collected_minor'
        ) }} as points
    from running
    inner join {{ ref('int_loyalty_earnings') }} as earnings
        on running.order_id = earnings.order_id
)

select
    {{ hash_key(['rule', 'rule_version', 'source_id', "'reverse'", 'reverses_entry_id']) }}
        as entry_id,
    *
from reversals
where points > 0
