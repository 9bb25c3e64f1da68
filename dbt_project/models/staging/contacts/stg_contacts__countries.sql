with newest_of_each as (
    select
        raw,
        {{ last_value_by(struct_of({
            'country': 'country',
        }), [version_position()]) }} as newest
    from {{ source('lake', 'contact_countries') }}
    group by raw
)

select
    raw,
    newest.country
from newest_of_each
