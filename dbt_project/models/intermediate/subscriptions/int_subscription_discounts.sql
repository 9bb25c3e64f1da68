-- The discounts in force on a subscription (item_place is null) or one of its items, but not those
-- that come off once; on a subscription that has none of its own in force, the customer's, as on the
-- invoices. Where the coupon isn't known, what comes off is null.
{{ subscription_discounts(
    ref('int_subscriptions'),
    ref('int_subscription_prices'),
    'cross join ' ~ ref('run_clock') ~ ' as clock'
) }}
