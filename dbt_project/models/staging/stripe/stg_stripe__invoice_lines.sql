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
    line.price_id,
    line.is_metered,
    line.is_proration
from lines
