-- A deleted customer keeps nothing personal: only the id, when it came and the test clock.
{{ config(unique_key='customer_id', merge_clauses=merge_forgetting_the_deleted()) }}

with parsed as (
    {{ parsed_versions('customers', 'customer', {
        'created': 'BIGINT',
        'test_clock': 'VARCHAR',
        'email': 'VARCHAR',
        'name': 'VARCHAR',
        'individual_name': 'VARCHAR',
        'business_name': 'VARCHAR',
        'phone': 'VARCHAR',
        'address': {
            'line1': 'VARCHAR',
            'line2': 'VARCHAR',
            'city': 'VARCHAR',
            'state': 'VARCHAR',
            'postal_code': 'VARCHAR',
            'country': 'VARCHAR',
        },
        'preferred_locales': ['VARCHAR'],
        'delinquent': 'BOOLEAN',
        'discount': 'VARCHAR',
        'metadata': 'MAP(VARCHAR, VARCHAR)',
    }, only_normalized=true) }}
),

-- Of a deleted customer this is null, and with it every field below that is taken from it.
personal as (
    select
        *,
        case when not is_deleted then customer end as person
    from parsed
)

select
    id as customer_id,
    {{ from_unix('customer.created') }} as created_at,
    {{ reference('customer.test_clock') }} as test_clock_id,
    emails.email,
    nullif(person.email, '') as email_raw,
    emails.is_deliverable as is_email_deliverable,
    nullif(person.name, '') as full_name,
    names.first_name,
    names.last_name,
    phones.phone,
    nullif(person.phone, '') as phone_raw,
    nullif(person.address.line1, '') as address_line1,
    nullif(person.address.line2, '') as address_line2,
    nullif(person.address.city, '') as city,
    nullif(person.address.state, '') as region,
    nullif(person.address.postal_code, '') as postal_code,
    countries.country,
    nullif(person.address.country, '') as country_raw,
    locales.locale,
    person.delinquent as is_delinquent,
    person.metadata,
    {{ discount_terms(given_discount('person')) }} as discounts,
    {{ whole_discounts_of(given_discount('person')) }} as whole_discounts,
    is_deleted,
    is_stub,
    _batch
from personal
left join {{ ref('stg_contacts__emails') }} as emails
    on person.email = emails.raw
left join {{ ref('stg_contacts__names') }} as names
    on
        person.name is not distinct from names.name
        and person.business_name is not distinct from names.business_name
        and person.individual_name is not distinct from names.individual_name
left join {{ ref('stg_contacts__countries') }} as countries
    on person.address.country = countries.raw
left join {{ ref('stg_contacts__phones') }} as phones
    on person.phone = phones.raw and countries.country is not distinct from phones.country
left join {{ ref('stg_contacts__locales') }} as locales
    on {{ element('person.preferred_locales', 1) }} = locales.raw
where {{ all_normalized({
    'person.email': 'emails.raw',
    'coalesce(person.name, person.business_name, person.individual_name)':
        'coalesce(names.name, names.business_name, names.individual_name)',
    'person.address.country': 'countries.raw',
    'person.phone': 'phones.raw',
    element('person.preferred_locales', 1): 'locales.raw',
}) }}
