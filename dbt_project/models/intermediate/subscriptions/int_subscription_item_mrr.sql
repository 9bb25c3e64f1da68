-- An item's amount a month after its own discounts; an amount off comes off once a billing period.
with discounts as (
    select
        items.subscription_id,
        items.item_place,
        {{ list_in_order(
            struct_of({
                'percent_e9': 'discounts.percent_e9',
                'amount_e15': per_month_e15(
                    'discounts.amount_off_e15', 'items.periods_per_year', 'items.interval_count'
                ),
                'share': whole_share(),
            }),
            'discounts.discount_place'
        ) }} as terms
    from {{ ref('int_subscription_discounts') }} as discounts
    inner join {{ ref('int_subscription_item_amounts') }} as items
        on
            discounts.subscription_id = items.subscription_id
            and discounts.item_place = items.item_place
    group by items.subscription_id, items.item_place
)

select
    items.subscription_id,
    items.item_place,
    items.product_id,
    items.is_metered,
    items.periods_per_year,
    items.interval_count,
    -- sqlfluff can't read a lambda with two parameters yet.
    {{ take_discounts_off('items.monthly_e15', 'discounts.terms') }} as monthly_e15  -- noqa: PRS
from {{ ref('int_subscription_item_amounts') }} as items
left join discounts
    on
        items.subscription_id = discounts.subscription_id
        and items.item_place = discounts.item_place
