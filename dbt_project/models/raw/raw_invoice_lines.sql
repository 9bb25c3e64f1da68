{{ config(alias='invoice_lines') }}

-- A line's id may stand in several invoices, so the key is (invoice_id, id).
with lines as (
    select
        id as invoice_id,
        unnest(({{ parse_json('body', {'lines': {'data': ['JSON']}}) }}).lines.data) as line
    from {{ ref('raw_invoices') }}
)

select
    line ->> '$.id' as id,
    invoice_id,
    cast(line as varchar) as body
from lines
