{{ config(materialized='table') }}

-- The rows of the file that the setting names; empty without a setting.
{% set file = setting('person_overrides', '') %}
with given as (
    {% if file %}
        select *
        from {{ csv_rows(file, {'action': 'VARCHAR', 'customer': 'VARCHAR', 'other': 'VARCHAR'}) }}
    {% else %}
        select
            null as action,
            null as customer,
            null as other
        where false
    {% endif %}
)

select
    trim(action) as action,
    trim(customer) as customer_id,
    nullif(trim(other), '') as other_customer_id
from given
