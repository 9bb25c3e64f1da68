{{ config(alias='resource_access') }}

select
    resource,
    is_readable,
    permission,
    checked_at
from {{ source('lake', 'resource_access') }}
qualify row_number() over (partition by resource order by {{ version_position() }} desc) = 1
