with newest_of_each as (
    select
        resource,
        {{ last_value_by(struct_of({
            'read_until': 'read_until',
        }), [version_position()]) }} as newest
    from {{ source('lake', 'contact_batches') }}
    group by resource
)

select
    resource,
    newest.read_until
from newest_of_each
