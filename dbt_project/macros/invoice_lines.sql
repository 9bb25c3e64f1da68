{# What an invoice's line sells, as a struct. #}
{% macro invoice_line_of(line) -%}
    {{ struct_of({
        'id': line ~ '.id',
        'amount': line ~ '.amount',
        'quantity': billed_quantity(line),
        'is_proration': is_proration(line),
        'price_id': 'coalesce(' ~ reference(line ~ '.pricing.price_details.price') ~ ', '
            ~ reference(line ~ '.price') ~ ', ' ~ reference(line ~ '.plan') ~ ')',
        'is_metered': is_metered_line(line),
        'subscription_item_id': 'coalesce('
            ~ reference(line ~ '.parent.subscription_item_details.subscription_item') ~ ', '
            ~ reference(line ~ '.subscription_item') ~ ')',
        'starts': line ~ '.period.' ~ adapter.quote('start'),
        'ends': line ~ '.period.' ~ adapter.quote('end'),
        'recurring_interval': 'coalesce(' ~ expanded(line ~ '.price', 'recurring.interval') ~ ', '
            ~ expanded(line ~ '.plan', 'interval') ~ ')',
        'interval_count': 'try_cast(coalesce('
            ~ expanded(line ~ '.price', 'recurring.interval_count') ~ ', '
            ~ expanded(line ~ '.plan', 'interval_count') ~ ') as bigint)',
        'discount_amounts': line ~ '.discount_amounts',
    }) }}
{%- endmacro %}


{# Half a metre is one thing bought; beside the decimal `quantity` is cut off. #}
{% macro billed_quantity(line) -%}
    coalesce({{ rounded_up(line ~ '.quantity_decimal') }}, {{ line }}.quantity)
{%- endmacro %}


{# Whether a line settles a change in the middle of a period. #}
{% macro is_proration(line) -%}
    coalesce(
        {{ line }}.parent.invoice_item_details.proration,
        {{ line }}.parent.subscription_item_details.proration,
        {{ line }}.proration,
        false
    )
{%- endmacro %}


{# Whether a line bills usage, by the price or plan that it holds whole. #}
{% macro is_metered_line(line) -%}
    (
        coalesce(
            {{ expanded(line ~ '.pricing.price_details.price', 'recurring.usage_type') }} = 'metered',
            false
        )
        or coalesce({{ expanded(line ~ '.price', 'recurring.usage_type') }} = 'metered', false)
        or coalesce({{ expanded(line ~ '.plan', 'usage_type') }} = 'metered', false)
    )
{%- endmacro %}
