-- An item's amount a month before discounts, in 10^-15 of the minor unit; null where it can't be
-- known. Metered usage isn't recurring revenue, nor is a price that doesn't recur.
{{ subscription_item_amounts(
    ref('int_subscription_prices'), ref('int_subscription_item_tiers')
) }}
