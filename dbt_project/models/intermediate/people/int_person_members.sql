{{ config(materialized='table') }}

-- The possible members of persons, in the order in which they name them: customers before guest
-- payments, the oldest first. Addresses are compared by their normalized mailbox; an undeliverable
-- one identifies no one.
{% set metadata_key = setting('person_metadata_key', '') %}
with members as (
    select
        customer_id as member_id,
        'customer' as member_type,
        created_at as known_since,
        case when is_email_deliverable then {{ mailbox('email') }} end as mailbox,
        phone,
        {% if metadata_key %}
            nullif({{ trim_blanks(map_value('metadata', metadata_key)) }}, '') as metadata_value
        {% else %}
            cast(null as varchar) as metadata_value
        {% endif %}
    from {{ ref('int_live_customers') }}

    union all

    select
        order_id as member_id,
        'guest_payment' as member_type,
        ordered_at as known_since,
        case when is_email_deliverable then {{ mailbox('email') }} end as mailbox,
        phone,
        null as metadata_value
    from {{ ref('int_guest_contacts') }}
)

select
    *,
    row_number() over (order by member_type <> 'customer', known_since, member_id) as position
from members
