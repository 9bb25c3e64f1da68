{{ config(alias='promotion_codes') }}

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
from ({{ current_versions('promotion_codes') }})
