{{ config(alias='invoice_lines') }}

-- A line's id may stand in several invoices, so the key is (invoice_id, id).
with lines as (
    {{ json_items_of(ref('raw_invoices'), ['id as invoice_id'], 'body', 'lines', 'line') }}
)

select
    {{ json_field('line', 'id') }} as id,
    invoice_id,
    cast(line as varchar) as body
from lines
