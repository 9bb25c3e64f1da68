{{ config(alias='coupons') }}

select
    id,
    object,
    created,
    livemode,
    is_deleted,
    customer_id,
    api_version,
    observed_at,
    body
from ({{ current_versions('coupons') }})
