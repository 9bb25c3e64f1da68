{{ config(materialized='view') }}

with lines as (
    select
        invoice_id,
        unnest(lines) as line
    from {{ ref('stg_stripe__invoices') }}
    where not is_deleted
)

select
    invoice_id,
    line.id as invoice_line_id,
    line.amount as amount_minor,
    line.quantity,
    line.pricing.price_details.price as price_id,
    line.pricing.price_details.product as product_id,
    coalesce(line.parent.invoice_item_details.proration, false)
    or coalesce(line.parent.subscription_item_details.proration, false) as is_proration
from lines
