with newest_of_each as (
    select
        raw,
        country,
        {{ last_value_by(struct_of({
            'phone': 'phone',
        }), [version_position()]) }} as newest
    from {{ source('lake', 'contact_phones') }}
    group by raw, country
)

select
    raw,
    country,
    newest.phone
from newest_of_each
