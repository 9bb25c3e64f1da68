with newest_of_each as (
    select
        raw,
        {{ last_value_by(struct_of({
            'locale': 'locale',
        }), [version_position()]) }} as newest
    from {{ source('lake', 'contact_locales') }}
    group by raw
)

select
    raw,
    newest.locale
from newest_of_each
