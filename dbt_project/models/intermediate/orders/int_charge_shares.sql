{{ config(materialized='table') }}

-- What was taken of each charge, divided over the invoices that it pays. A charge that pays none
-- has no row.
{{ shares_of_invoices(ref('int_captured_charges'), 'charge_id') }}
