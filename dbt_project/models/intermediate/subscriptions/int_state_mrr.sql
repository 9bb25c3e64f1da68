{{ config(materialized='table') }}
{%- set states = ref('int_subscription_states') %}

-- What each state of a subscription brought in a month, by the same steps as what it brings in now.
with unnested_items as (
    {{ unnested(
        ref('int_subscription_states'),
        ['subscription_id', 'current_period_starts_at', 'current_period_ends_at'],
        'items',
        'item',
        place='item_place'
    ) }}
),

items as (
    select
        {{ subscription_item_columns() }}
    from unnested_items
),

prices as (
    {{ subscription_prices(ref('int_subscription_states'), 'items') }}
),

tiers as (
    {{ subscription_item_tiers('prices') }}
),

amounts as (
    {{ subscription_item_amounts('prices', 'tiers') }}
),

discounts_in_force as (
    {{ subscription_discounts(
        ref('int_subscription_states'),
        'prices',
        'inner join ' ~ ref('int_subscription_states')
        ~ ' as clock on resolved.subscription_id = clock.subscription_id'
    ) }}
),

item_revenue as (
    {{ subscription_item_mrr('amounts', 'discounts_in_force') }} -- noqa: PRS
),

revenue as (
    {{ subscription_mrr(states, 'item_revenue', 'discounts_in_force') }} -- noqa: PRS
)

select
    states.state_of as subscription_id,
    states.place,
    states.as_of as from_at,
    revenue.mrr_e15
from revenue
inner join {{ ref('int_subscription_states') }} as states
    on revenue.subscription_id = states.subscription_id
