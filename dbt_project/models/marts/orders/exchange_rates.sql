{{ config(materialized='view') }}

select * from {{ ref('int_exchange_rates') }}
