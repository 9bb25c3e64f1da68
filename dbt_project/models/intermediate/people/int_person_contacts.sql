-- How to reach a person: the contact fields of the customer who ordered last, of those who never
-- did the newest; of guests alone those of the newest payment.
with contacts as (
    select
        members.person_id,
        true as is_customer,
        orders.last_counted_at as last_ordered_at,
        members.known_since,
        members.member_id,
        {{ struct_of({
            'email': 'customers.email',
            'full_name': 'customers.full_name',
            'first_name': 'customers.first_name',
            'last_name': 'customers.last_name',
            'phone': 'customers.phone',
            'city': 'customers.city',
            'region': 'customers.region',
            'postal_code': 'customers.postal_code',
            'country': 'customers.country',
            'locale': 'customers.locale',
        }) }} as contact
    from {{ ref('int_joined_members') }} as members
    inner join {{ ref('int_live_customers') }} as customers
        on members.member_id = customers.customer_id
    left join {{ ref('int_customer_orders') }} as orders
        on members.member_id = orders.stripe_customer_id

    union all

    select
        members.person_id,
        false as is_customer,
        null as last_ordered_at,
        members.known_since,
        members.member_id,
        {{ struct_of({
            'email': 'guests.email',
            'full_name': 'guests.full_name',
            'first_name': 'names.first_name',
            'last_name': 'names.last_name',
            'phone': 'guests.phone',
            'city': 'cast(null as varchar)',
            'region': 'cast(null as varchar)',
            'postal_code': 'cast(null as varchar)',
            'country': 'guests.country',
            'locale': 'cast(null as varchar)',
        }) }} as contact
    from {{ ref('int_joined_members') }} as members
    inner join {{ ref('int_guest_contacts') }} as guests
        on members.member_id = guests.order_id
    left join {{ ref('stg_contacts__names') }} as names
        on
            guests.full_name = names.name
            and names.business_name is null
            and names.individual_name is null
    where {{ all_normalized({'guests.full_name': 'names.name'}) }}
)

select
    person_id,
    {{ last_value_by(
        'contact',
        [
            'is_customer',
            'last_ordered_at is not null',
            'coalesce(last_ordered_at, known_since)',
            'known_since',
            'member_id',
        ]
    ) }} as contact
from contacts
group by person_id
