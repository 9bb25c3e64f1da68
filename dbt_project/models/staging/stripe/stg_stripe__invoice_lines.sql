{{ config(materialized='view') }}

with lines as (
    {{ unnested(
        ref('stg_stripe__invoices'), ['invoice_id'], 'lines', 'line', condition='not is_deleted'
    ) }}
)

select
    invoice_id,
    line.id as invoice_line_id,
    line.amount as amount_minor,
    line.quantity,
    line.price_id,
    line.is_metered,
    line.is_proration
from lines
