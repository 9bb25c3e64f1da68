{{ config(materialized='view') }}

{%- set parts = [
    'lines', 'discount', 'tax_on_top', 'shipping', 'credit', 'order_total', 'difference'
] %}

select
    order_id,
    stripe_customer_id,
    currency,
    lines,
    {% for name in parts -%}
        {{ to_major(name ~ '_minor', 'currency_exponent') }} as
        {{- ' ' ~ ('lines_amount' if name == 'lines' else name) }},
    {% endfor -%}
    difference_reason,
    cast(lines_minor as bigint) as lines_amount_minor,
    discount_minor,
    tax_on_top_minor,
    cast(shipping_minor as bigint) as shipping_minor,
    credit_minor,
    order_total_minor,
    difference_minor
from {{ ref('int_order_line_sums') }}
