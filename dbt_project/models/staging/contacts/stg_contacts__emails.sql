with newest_of_each as (
    select
        raw,
        {{ last_value_by(struct_of({
            'email': 'email',
            'mailbox': 'mailbox',
            'is_deliverable': 'is_deliverable',
        }), [version_position()]) }} as newest
    from {{ source('lake', 'contact_emails') }}
    group by raw
)

select
    raw,
    newest.email,
    newest.mailbox,
    newest.is_deliverable
from newest_of_each
