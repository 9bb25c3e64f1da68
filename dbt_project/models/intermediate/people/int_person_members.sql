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
        case when is_email_deliverable then email end as email,
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
        case when is_email_deliverable then email end as email,
        phone,
        null as metadata_value
    from {{ ref('int_guest_contacts') }}
)

select
    members.member_id,
    members.member_type,
    members.known_since,
    emails.mailbox,
    members.phone,
    members.metadata_value,
    row_number() over (
        order by members.member_type <> 'customer', members.known_since, members.member_id
    ) as position
from members
left join {{ ref('stg_contacts__emails') }} as emails
    on members.email = emails.raw
where {{ all_normalized({'members.email': 'emails.raw'}) }}
