{# Accounts v2: an object that names an Account and no customer counts as a guest's. #}
{% test stands_beside_a_customer(model, column_name) %}
{{ config(
    severity='warn',
    meta={'finding': '{failures} of them belong to an Account (Stripe\'s Accounts v2) and to no customer: they count as guests\', in no one\'s profile; have Stripe create customers with them to change that.'}
) }}
select {{ column_name }}
from {{ model }}
where
    {{ column_name }} is not null
    and customer_id is null
    and not is_deleted
{% endtest %}
