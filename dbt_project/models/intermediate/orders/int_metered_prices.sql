-- Subscription items carry their price whole, so this works where prices themselves aren't readable.
select price_id
from {{ ref('stg_stripe__prices') }}
where is_metered

union

select price_id
from {{ ref('stg_stripe__subscription_items') }}
where is_metered
