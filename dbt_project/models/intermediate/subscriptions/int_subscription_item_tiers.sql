-- What the tiers of a tiered item come to: in graduated ones each part of the quantity has the
-- price of its tier, in volume the whole quantity has the price of the tier that it reaches. Null for
-- a tier without any price, and for more than the last tier holds.
{{ subscription_item_tiers(ref('int_subscription_prices')) }}
