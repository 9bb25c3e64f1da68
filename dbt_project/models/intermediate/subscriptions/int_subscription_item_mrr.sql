-- An item's amount a month after its own discounts; an amount off comes off once a billing period.
{{ subscription_item_mrr(
    ref('int_subscription_item_amounts'), ref('int_subscription_discounts')
) }}
