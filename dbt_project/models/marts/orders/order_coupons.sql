{{ config(materialized='view') }}

select * from {{ ref('int_order_coupon_names') }}
