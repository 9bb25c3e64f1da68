{{ config(materialized='view') }}

with lines as (
    {{ unnested(
        ref('stg_stripe__invoices'), ['invoice_id'], 'lines', 'line', condition='not is_deleted'
    ) }}
)

select
    -- ids
    invoice_id,
    line.id as invoice_line_id,
    line.price_id,
    line.product_id,
    line.subscription_id,
    line.subscription_item_id,

    -- properties
    line.description,
    line.is_metered,
    line.is_proration,
    line.recurring_interval,
    line.interval_count,
    line.discount_amounts,
    line.taxes,

    -- amounts
    line.amount as amount_minor,
    line.quantity,
    line.stated_quantity,

    -- times
    {{ from_unix('line.starts') }} as starts_at,
    {{ from_unix('line.ends') }} as ends_at
from lines
