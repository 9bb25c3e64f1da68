with newest_of_each as (
    select
        name,
        business_name,
        individual_name,
        {{ last_value_by(struct_of({
            'first_name': 'first_name',
            'last_name': 'last_name',
        }), [version_position()]) }} as newest
    from {{ source('lake', 'contact_names') }}
    group by name, business_name, individual_name
)

select
    name,
    business_name,
    individual_name,
    newest.first_name,
    newest.last_name
from newest_of_each
