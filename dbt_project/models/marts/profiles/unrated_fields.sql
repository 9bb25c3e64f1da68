{#- The amounts that stand in major and minor units; each condition tells that a rate would make
    the field known. What can't be known for another reason isn't here. -#}
{%- set amounts = {
    'stripe_total_sales': 'profiles.stripe_total_sales_minor is null',
    'stripe_gross_sales': 'profiles.stripe_gross_sales_minor is null and readable.invoices',
    'stripe_refunded': 'profiles.stripe_refunded_minor is null and basis.knows_refunds',
    'stripe_average_order_value':
        'profiles.stripe_total_sales_minor is null and profiles.stripe_total_orders > 0',
    'stripe_mrr': 'mrr.stripe_customer_id is not null and readable.subscriptions',
} -%}
{%- set points = 'stripe_loyalty_points' -%}

with unrated_mrr as (
    select stripe_customer_id
    from {{ ref('int_mrr_facts') }}
    group by stripe_customer_id
    -- A price or coupon that isn't known would still be unknown with a rate.
    having bool_and(mrr_e15 is not null) and bool_or(reporting_e21 is null)
),

-- Orders that earn nothing yet: the balance is lower than it will be.
unrated_points as (
    select distinct earnings.stripe_customer_id
    from {{ ref('int_loyalty_earnings') }} as earnings
    inner join {{ ref('int_sales_facts') }} as facts
        on
            earnings.order_id = facts.order_id
            and facts.fact = 'collected'
    where
        earnings.rule = 'order_paid'
        and facts.rate_e21 is null
),

unrated as (
    select
        profiles.stripe_customer_id,
        {% for field, condition in amounts.items() %}
            coalesce({{ condition }}, false) as {{ field }},
        {% endfor %}
        points.stripe_customer_id is not null as {{ points }}
    from {{ ref('customer_profiles') }} as profiles
    cross join {{ ref('int_readable_resources') }} as readable
    cross join {{ ref('int_sales_basis') }} as basis
    left join unrated_mrr as mrr
        on profiles.stripe_customer_id = mrr.stripe_customer_id
    left join unrated_points as points
        on profiles.stripe_customer_id = points.stripe_customer_id
)

{% for field in amounts %}
    select
        stripe_customer_id,
        '{{ field }}' as field
    from unrated
    where {{ field }}

    union all

    select
        stripe_customer_id,
        '{{ field }}_minor' as field
    from unrated
    where {{ field }}

    union all
{% endfor %}

select
    stripe_customer_id,
    '{{ points }}' as field
from unrated
where {{ points }}
