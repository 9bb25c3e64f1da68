{{ config(materialized='table') }}

-- A subscription's recurring revenue a month in its own currency, in 10^-15 of the minor unit: what
-- its items come to, less its discounts, and never below 0. Null where a part of it can't be known,
-- as where none of its items is seen.
{%- set items = ref('int_subscription_item_mrr') %}
{%- set discounts = ref('int_subscription_discounts') %}
{{ subscription_mrr(ref('int_subscriptions'), items, discounts) }} -- noqa: PRS
