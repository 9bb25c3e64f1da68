-- What the tiers of a tiered item come to: in graduated ones each part of the quantity has the
-- price of its tier, in volume the whole quantity has the price of the tier that it reaches.
with tiers as (
    select
        subscription_id,
        item_place,
        quantity,
        unnest(tiers) as tier,
        unnest(range(len(tiers))) as place
    from {{ ref('int_subscription_prices') }}
    where billing_scheme = 'tiered'
),

bounded as (
    select
        subscription_id,
        item_place,
        quantity,
        place,
        tier.up_to as upper_bound,
        coalesce(
            lag(tier.up_to) over (partition by subscription_id, item_place order by place), 0
        ) as lower_bound,
        coalesce({{ minor_e15('tier.unit_amount_decimal', 'tier.unit_amount') }}, 0) as unit_e15,
        coalesce({{ minor_e15('tier.flat_amount_decimal', 'tier.flat_amount') }}, 0) as flat_e15
    from tiers
)

select
    subscription_id,
    item_place,
    sum(
        unit_e15 * greatest(least(quantity, coalesce(upper_bound, quantity)) - lower_bound, 0)
        + case when place = 0 or quantity > lower_bound then flat_e15 else 0 end
    ) as graduated_e15,
    arg_min(unit_e15 * quantity + flat_e15, place) filter (
        where quantity <= coalesce(upper_bound, quantity)
    ) as volume_e15
from bounded
group by subscription_id, item_place
