select * from {{ ref('int_loyalty_entries') }}
