-- An item's amount a month after its own discounts; an amount off comes off once a billing period.
{%- set amounts = ref('int_subscription_item_amounts') %}
{{ subscription_item_mrr(amounts, ref('int_subscription_discounts')) }} -- noqa: PRS
