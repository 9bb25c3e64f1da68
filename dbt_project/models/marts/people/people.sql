{# The columns shared with customer_profiles, in their order there. #}
{%- set contact_fields = [
    'email', 'full_name', 'first_name', 'last_name', 'phone', 'city', 'region', 'postal_code',
    'country', 'locale',
] -%}
{%- set order_figures = [
    'stripe_order_products', 'stripe_total_orders', 'stripe_total_sales',
    'stripe_total_sales_minor', 'stripe_order_status', 'stripe_order_last_value',
    'stripe_order_last_value_minor', 'stripe_last_create_order_date',
    'stripe_first_create_order_date', 'stripe_order_last_currency', 'stripe_sales_by_currency',
    'stripe_gross_sales', 'stripe_gross_sales_minor', 'stripe_refunded', 'stripe_refunded_minor',
    'stripe_average_order_value', 'stripe_average_order_value_minor',
    'stripe_order_cadence_days', 'stripe_last_paid_order_at', 'stripe_last_counted_order_at',
    'stripe_days_since_last_order',
] -%}
{%- set mrr_figures = ['stripe_mrr', 'stripe_mrr_minor'] -%}
{%- set subscription_figures = ['active', 'cancelled', 'paused', 'trial', 'past_due'] -%}
{%- set columns = (
    ['person_id', 'customers', 'guest_payments', 'stripe_customer_ids'] + contact_fields
    + ['created_at'] + order_figures + mrr_figures
) -%}

-- A person of a single customer has that customer's profile.
with of_one_customer as (
    select
        profiles.stripe_person_id as person_id,
        cast(1 as bigint) as customers,
        cast(0 as bigint) as guest_payments,
        {{ list_of(['profiles.stripe_customer_id']) }} as stripe_customer_ids,
        {% for field in contact_fields %}
            profiles.{{ field }},
        {% endfor %}
        profiles.created_at,
        {% for figure in order_figures + mrr_figures %}
            profiles.{{ figure }},
        {% endfor %}
        {% for status in subscription_figures %}
            profiles.stripe_subscription_{{ status }},
        {% endfor %}
        profiles.stripe_loyalty_points
    from {{ ref('customer_profiles') }} as profiles
    inner join {{ ref('int_member_persons') }} as persons
        on profiles.stripe_customer_id = persons.member_id
    where persons.is_alone
),

of_several as (
    select
        persons.person_id,
        persons.customers,
        persons.guest_payments,
        persons.stripe_customer_ids,
        {% for field in contact_fields %}
            contacts.contact.{{ field }},
        {% endfor %}
        persons.created_at,
        {% for figure in order_figures %}
            purchases.{{ figure }},
        {% endfor %}
        {{ mrr_columns('mrr.person_id') }},
        {% for status in subscription_figures %}
            persons.{{ status }} as stripe_subscription_{{ status }},
        {% endfor %}
        persons.loyalty_points as stripe_loyalty_points
    from {{ ref('int_person_customers') }} as persons
    cross join {{ ref('run_clock') }} as clock
    cross join {{ ref('int_readable_resources') }} as readable
    left join {{ ref('int_person_contacts') }} as contacts
        on persons.person_id = contacts.person_id
    left join {{ ref('int_person_purchases') }} as purchases
        on persons.person_id = purchases.person_id
    left join {{ ref('int_person_mrr') }} as mrr
        on persons.person_id = mrr.person_id
)

select
    {% for column in columns %}
        {{ column }},
    {% endfor %}
    {% for status in subscription_figures %}
        stripe_subscription_{{ status }},
    {% endfor %}
    stripe_loyalty_points
from of_one_customer

union all

select
    {% for column in columns %}
        {{ column }},
    {% endfor %}
    {% for status in subscription_figures %}
        stripe_subscription_{{ status }},
    {% endfor %}
    stripe_loyalty_points
from of_several
