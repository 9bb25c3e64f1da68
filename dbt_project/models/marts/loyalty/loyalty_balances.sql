{{ config(materialized='view') }}

select * from {{ ref('int_loyalty_balances') }}
