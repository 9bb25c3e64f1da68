-- How to reach a person: the contact fields of the customer who ordered last, of those who never
-- did the newest; of guests alone those of the newest payment.
with contacts as (
    select
        members.person_id,
        true as is_customer,
        profiles.stripe_last_counted_order_at as last_ordered_at,
        members.known_since,
        members.member_id,
        {{ struct_of({
            'email': 'profiles.email',
            'full_name': 'profiles.full_name',
            'first_name': 'profiles.first_name',
            'last_name': 'profiles.last_name',
            'phone': 'profiles.phone',
            'city': 'profiles.city',
            'region': 'profiles.region',
            'postal_code': 'profiles.postal_code',
            'country': 'profiles.country',
            'locale': 'profiles.locale',
        }) }} as contact
    from {{ ref('int_joined_members') }} as members
    inner join {{ ref('customer_profiles') }} as profiles
        on members.member_id = profiles.stripe_customer_id

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
            'first_name': 'first_name(guests.full_name, null, null)',
            'last_name': 'last_name(guests.full_name, null, null)',
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
