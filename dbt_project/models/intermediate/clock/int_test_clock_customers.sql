select customer_id
from {{ ref('stg_stripe__customers') }}
where test_clock_id is not null
