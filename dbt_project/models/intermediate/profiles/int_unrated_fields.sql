{{ config(materialized='table') }}

{#- The amounts that stand in major and minor units, each with what tells that a rate would make it
    known. What isn't known for another reason isn't here. -#}
{%- set amounts = {
    'stripe_total_sales': 'sales.lacks_total',
    'stripe_gross_sales': 'sales.lacks_gross and readable.invoices',
    'stripe_refunded': 'sales.lacks_refunded and basis.knows_refunds',
    'stripe_average_order_value': 'sales.lacks_total and orders.total_orders > 0',
    'stripe_mrr': 'mrr.stripe_customer_id is not null and readable.subscriptions',
} -%}
{%- set others = {
    'stripe_sales_by_currency':
        'nets.stripe_customer_id is not null and sales.lacks_total and readable.invoices',
    'stripe_loyalty_points': 'points.stripe_customer_id is not null',
} -%}

with unrated_sales as (
    select
        stripe_customer_id,
        {{ lacks_a_rate('fact is not null') }} as lacks_total,
        {{ lacks_a_rate(is_collected()) }} as lacks_gross,
        {{ lacks_a_rate(is_given_back()) }} as lacks_refunded
    from {{ ref('int_sales_facts') }}
    where
        reporting_e21 is null
        and stripe_customer_id is not null
    group by stripe_customer_id
),

unrated_mrr as (
    select stripe_customer_id
    from {{ ref('int_mrr_facts') }}
    group by stripe_customer_id
    -- A price or coupon that isn't known would still be unknown with a rate.
    having bool_and(mrr_e15 is not null) and bool_or(reporting_e21 is null)
),

-- What went back in another currency than its order's, and can't be set against that yet.
uncrossed as (
    select
        order_id,
        stripe_customer_id
    from {{ ref('int_order_adjustments') }}
    where
        is_counted
        and (lacks_own_rate or lacks_order_rate)
),

unrated_nets as (
    select distinct stripe_customer_id
    from uncrossed
),

-- Orders that earn nothing yet, and what went back and takes no points yet: the balance is another
-- one than it will be.
unrated_points as (
    select earnings.stripe_customer_id
    from {{ ref('int_loyalty_earnings') }} as earnings
    inner join {{ ref('int_sales_facts') }} as facts
        on
            earnings.order_id = facts.order_id
            and facts.fact = 'collected'
    where
        earnings.rule = 'order_paid'
        and facts.rate_e21 is null
        and facts.amount_minor is not null
        and facts.currency is not null

    union

    select earnings.stripe_customer_id
    from {{ ref('int_loyalty_earnings') }} as earnings
    inner join uncrossed
        on earnings.order_id = uncrossed.order_id
    where earnings.points > 0
),

unrated as (
    select
        {% for fields in [amounts, others] %}
            {% for field, condition in fields.items() %}
                coalesce({{ condition }}, false) as {{ field }},
            {% endfor %}
        {% endfor %}
        customers.customer_id as stripe_customer_id
    from {{ ref('int_live_customers') }} as customers
    cross join {{ ref('int_readable_resources') }} as readable
    cross join {{ ref('int_sales_basis') }} as basis
    left join {{ ref('int_customer_orders') }} as orders
        on customers.customer_id = orders.stripe_customer_id
    left join unrated_sales as sales
        on customers.customer_id = sales.stripe_customer_id
    left join unrated_mrr as mrr
        on customers.customer_id = mrr.stripe_customer_id
    left join unrated_nets as nets
        on customers.customer_id = nets.stripe_customer_id
    left join unrated_points as points
        on customers.customer_id = points.stripe_customer_id
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

{% for field in others %}
    select
        stripe_customer_id,
        '{{ field }}' as field
    from unrated
    where {{ field }}
    {{ 'union all' if not loop.last }}
{% endfor %}
