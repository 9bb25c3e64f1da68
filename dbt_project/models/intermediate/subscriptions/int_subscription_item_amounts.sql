-- An item's amount a month before discounts, in 10^-15 of the minor unit; null where it can't be
-- known. Metered usage isn't recurring revenue, nor is a price that doesn't recur.
with periods as (
    select
        prices.*,
        case
            when prices.is_metered or (prices.is_known and prices.recurring_interval is null) then 0
            when prices.billing_scheme = 'tiered' and prices.tiers_mode = 'graduated'
                then tiers.graduated_e15
            when prices.billing_scheme = 'tiered' and prices.tiers_mode = 'volume'
                then tiers.volume_e15
            when coalesce(prices.billing_scheme, 'per_unit') = 'per_unit'
                then {{ cost_e15('prices.unit_amount_e15', 'prices.quantity') }}
        end as amount_e15
    from {{ ref('int_subscription_prices') }} as prices
    left join {{ ref('int_subscription_item_tiers') }} as tiers
        on
            prices.subscription_id = tiers.subscription_id
            and prices.item_place = tiers.item_place
)

select
    subscription_id,
    item_place,
    product_id,
    is_metered,
    periods_per_year,
    interval_count,
    case
        when amount_e15 = 0 and (is_metered or recurring_interval is null) then 0
        else {{ per_month_e15('amount_e15', 'periods_per_year', 'interval_count') }}
    end as monthly_e15
from periods
