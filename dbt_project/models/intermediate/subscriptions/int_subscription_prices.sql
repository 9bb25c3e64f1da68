{{ config(materialized='table') }}

-- What an item of a subscription costs, in the subscription's currency. The price that the item
-- holds goes before the one of the prices list, which adds what Stripe leaves out of the former.
{{ subscription_prices(ref('int_subscriptions'), ref('stg_stripe__subscription_items')) }}
