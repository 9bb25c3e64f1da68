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

    -- properties
    line.is_metered,
    line.is_proration,

    -- amounts
    line.amount as amount_minor,
    line.quantity
from lines
