-- What the tiers of a tiered item come to: in graduated ones each part of the quantity has the
-- price of its tier, in volume the whole quantity has the price of the tier that it reaches. Null for
-- a tier without any price, and for more than the last tier holds.
with tiers as (
    {{ unnested(
        ref('int_subscription_prices'),
        ['subscription_id', 'item_place', 'quantity'],
        'tiers',
        'tier',
        place='place',
        condition="billing_scheme = 'tiered'"
    ) }}
),

bounded as (
    select
        subscription_id,
        item_place,
        quantity,
        place,
        tier.up_to as upper_bound,
        -- Null after a tier without an upper bound: nothing is left for those behind it.
        lag(tier.up_to, 1, 0) over (partition by subscription_id, item_place order by place)
            as lower_bound,
        {{ minor_e15('tier.unit_amount_decimal', 'tier.unit_amount') }} as unit_e15,
        {{ minor_e15('tier.flat_amount_decimal', 'tier.flat_amount') }} as flat_e15,
        max(place) over (partition by subscription_id, item_place) = place as is_last
    from tiers
),

-- A tier may have one of the two amounts alone.
priced as (
    select
        subscription_id,
        item_place,
        quantity,
        place,
        upper_bound,
        case when flat_e15 is null then unit_e15 else coalesce(unit_e15, 0) end as unit_e15,
        case when unit_e15 is null then flat_e15 else coalesce(flat_e15, 0) end as flat_e15,
        place = 1 or quantity > lower_bound as is_reached,
        is_last and quantity > upper_bound as is_overrun,
        greatest(
            least(quantity, coalesce(upper_bound, quantity))
            - cast(lower_bound as {{ wide_integer() }}),
            0
        ) as quantity_in_tier
    from bounded
),

costs as (
    select
        *,
        {{ cost_e15('unit_e15', 'quantity_in_tier') }} + flat_e15 as graduated_e15,
        {{ cost_e15('unit_e15', 'quantity') }} + flat_e15 as volume_e15
    from priced
)

select
    subscription_id,
    item_place,
    case
        when count(*) filter (where is_overrun or (is_reached and graduated_e15 is null)) = 0
            then sum(graduated_e15) filter (where is_reached)
    end as graduated_e15,
    -- In a struct, because a null would be passed over for the next tier's amount.
    ({{ first_value_by(
        struct_of({'e15': 'volume_e15'}), ['place'], 'quantity <= coalesce(upper_bound, quantity)'
    ) }}).e15 as volume_e15
from costs
group by subscription_id, item_place
