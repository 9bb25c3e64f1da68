{# What an invoice's line sells, as a struct. #}
{% macro invoice_line_of(line) -%}
    {{ struct_of({
        'id': line ~ '.id',
        'amount': line ~ '.amount',
        'description': line ~ '.description',
        'quantity': billed_quantity(line),
        'stated_quantity': stated_quantity(line),
        'is_proration': is_proration(line),
        'price_id': 'coalesce(' ~ reference(line ~ '.pricing.price_details.price') ~ ', '
            ~ reference(line ~ '.price') ~ ', ' ~ reference(line ~ '.plan') ~ ')',
        'is_metered': is_metered_line(line),
        'product_id': 'coalesce(' ~ reference(line ~ '.pricing.price_details.product') ~ ', '
            ~ reference(expanded(line ~ '.price', 'product')) ~ ', '
            ~ reference(expanded(line ~ '.plan', 'product')) ~ ')',
        'subscription_id': 'coalesce('
            ~ reference(line ~ '.parent.subscription_item_details.subscription') ~ ', '
            ~ reference(line ~ '.parent.invoice_item_details.subscription') ~ ', '
            ~ reference(line ~ '.subscription') ~ ')',
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
        'taxes': 'coalesce(' ~ line ~ '.taxes, ' ~ line ~ '.tax_amounts)',
    }) }}
{%- endmacro %}


{# Half a metre is one thing bought; beside the decimal `quantity` is cut off. #}
{% macro billed_quantity(line) -%}
    coalesce({{ rounded_up(line ~ '.quantity_decimal') }}, {{ line }}.quantity)
{%- endmacro %}


{# How many Stripe says, a part of one too; null for usage, and where it is more than 10^13. #}
{% macro stated_quantity(line) -%}
    {%- set number = 'try_cast(' ~ line ~ '.quantity_decimal as decimal(38, 12))' -%}
    coalesce(
        case when abs({{ number }}) <= 10000000000000 then {{ number }} end,
        cast({{ line }}.quantity as decimal(38, 12))
    )
{%- endmacro %}


{# How many things a line sells: of usage, and where no quantity is given, one. #}
{% macro things_bought(lines, metered) -%}
    case
        when {{ lines }}.is_metered or {{ metered }}.price_id is not null then 1
        else coalesce({{ lines }}.quantity, 1)
    end
{%- endmacro %}


{# The tax in a list of Stripe's (taxes, or tax_amounts before 2025-03); null of null, 0 of none. #}
{% macro total_tax(taxes) -%}
    case
        when {{ taxes }} is not null
            then coalesce({{ list_total(each(taxes, 'tax', 'tax.amount')) }}, 0)
    end
{%- endmacro %}


{# The part of it that is added to the amount, as the amount doesn't include it. #}
{% macro total_on_top(taxes) -%}
    {%- set is_included = "coalesce(tax.tax_behavior = 'inclusive', tax.inclusive, false)" -%}
    case
        when {{ taxes }} is not null
            then coalesce({{ list_total(
                each(taxes, 'tax', 'case when ' ~ is_included ~ ' then 0 else tax.amount end')
            ) }}, 0)
    end
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
