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
    }) }}
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
    {{ normalize_email('person.email') }} as email,
    nullif(person.email, '') as email_raw,
    {{ is_deliverable(normalize_email('person.email')) }} as is_email_deliverable,
    nullif(person.name, '') as full_name,
    {{ first_name_of(
        'person.name', 'person.business_name', 'person.individual_name'
    ) }} as first_name,
    {{ last_name_of(
        'person.name', 'person.business_name', 'person.individual_name'
    ) }} as last_name,
    {{ phone_number('person.phone', country_of('person.address.country')) }} as phone,
    nullif(person.phone, '') as phone_raw,
    nullif(person.address.line1, '') as address_line1,
    nullif(person.address.line2, '') as address_line2,
    nullif(person.address.city, '') as city,
    nullif(person.address.state, '') as region,
    nullif(person.address.postal_code, '') as postal_code,
    {{ country_of('person.address.country') }} as country,
    nullif(person.address.country, '') as country_raw,
    {{ locale_of(element('person.preferred_locales', 1)) }} as locale,
    person.delinquent as is_delinquent,
    person.metadata,
    {{ discount_terms(given_discount('person')) }} as discounts,
    {{ whole_discounts_of(given_discount('person')) }} as whole_discounts,
    is_deleted,
    is_stub,
    _batch
from personal
