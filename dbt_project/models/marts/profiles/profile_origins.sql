{#-
    A view, and published as its query: it is asked for one customer at a time, and would be the largest
    of all tables. It reads only what is published. The rules stand in the macros that compute the
    fields.
-#}
{{ config(materialized='view') }}

{%- set order_parts = {
    'fact': "'order'",
    'fact_id': 'order_id',
    'order_id': 'order_id',
    'label': 'order_status',
    'part': place_in('ordered_at desc, order_id desc'),
} -%}
{%- set one_order = {
    'stripe_order_status': 'last_order_id',
    'stripe_order_last_value': 'last_order_id',
    'stripe_order_last_currency': 'last_order_id',
    'stripe_last_create_order_date': 'last_order_id',
    'stripe_first_create_order_date': 'first_order_id',
    'stripe_last_counted_order_at': 'last_counted_order_id',
    'stripe_last_paid_order_at': 'last_paid_order_id',
} -%}
{%- set totals = {
    'stripe_total_sales': ('fact is not null', 'converted'),
    'stripe_gross_sales': (is_collected(), 'converted'),
    'stripe_refunded': (is_given_back(), '-converted'),
} -%}
{%- set subscription_parts = {
    'fact': "'subscription'",
    'fact_id': 'subscription_id',
    'label': 'counted_status',
    'part': place_in('created_at desc, subscription_id'),
} -%}
{%- set next_dates = {
    'stripe_next_renewal_at': 'renewal_ahead_at',
    'stripe_trial_ends_at': 'trial_end_ahead_at',
    'stripe_cancels_at': 'cancellation_ahead_at',
} -%}
{%- set lacks_a_rate -%} converted is null and {{ is_known_amount() }} {%- endset %}

with orders as (
    select *
    from {{ ref('orders') }}
    where stripe_customer_id is not null
),

order_figures as (
    select
        stripe_customer_id,
        {{ order_figures() }},
        {{ order_ids() }}
    from orders
    group by stripe_customer_id
),

dated_figures as (
    select
        figures.*,
        cast({{ to_local('figures.first_counted_at', 'clock.reporting_timezone') }} as date)
            as first_counted_day,
        cast({{ to_local('figures.last_counted_at', 'clock.reporting_timezone') }} as date)
            as last_counted_day,
        cast(clock.as_of_local as date) as today
    from order_figures as figures
    cross join {{ ref('run_clock') }} as clock
),

sales as (
    select *
    from {{ ref('sales_facts') }}
    where stripe_customer_id is not null
),

unpaid as (
    {{ unpaid_invoices('orders', ref('payments')) }}
),

ahead as (
    {{ subscriptions_ahead(ref('subscriptions')) }}
),

billed as (
    select
        subscriptions.*,
        coalesce(
            subscriptions.currency <> clock.reporting_currency and subscriptions.mrr_minor <> 0,
            false
        ) as needs_rate,
        cast(clock.as_of_local as date) as today
    from ahead as subscriptions
    cross join {{ ref('run_clock') }} as clock
    where {{ is_billed('subscriptions.counted_status') }}
),

rated as (
    {{ with_newest_rate('billed', 'today', ref('exchange_rates')) }}
),

points as (
    select
        ledger.stripe_customer_id,
        ledger.movement,
        ledger.rule,
        sum(ledger.points) as points,
        count(*) as entries
    from {{ ref('loyalty_ledger') }} as ledger
    cross join {{ ref('run_clock') }} as clock
    where {{ is_mature('ledger') }}
    group by
        ledger.stripe_customer_id,
        ledger.movement,
        ledger.rule
),

parts as (
    select
        {{ origin('stripe_order_products', order_parts, {'quantity': 'items_purchased'}) }}
    from orders
    where
        {{ is_paid_order() }}
        and items_purchased <> 0

    union all

    select
        {{ origin('stripe_total_orders', order_parts, {
            'role': "case when is_counted then 'part' else 'left_out' end",
        }) }}
    from orders

    union all

    select
        {{ origin('stripe_sales_by_currency', order_parts, {
            'role': "case when net is null or currency is null then 'unknown' "
                ~ "when net = 0 then 'left_out' else 'part' end",
            'amount': 'net',
            'currency': 'currency',
        }) }}
    from orders

    {% for field, order_id in one_order.items() %}
        union all

        select
            {{ origin(field, {'fact': "'order'", 'fact_id': order_id, 'order_id': order_id}) }}
        from order_figures
        where {{ order_id }} is not null
    {% endfor %}

    union all

    select
        {{ origin('stripe_days_since_last_order', {
            'fact': "'order'",
            'fact_id': 'last_counted_order_id',
            'order_id': 'last_counted_order_id',
            'day': 'last_counted_day',
            'until_day': 'today',
        }) }}
    from dated_figures
    where last_counted_order_id is not null

    union all

    select
        {{ origin('stripe_order_cadence_days', {
            'role': "'quotient'",
            'quantity': date_difference('first_counted_day', 'last_counted_day'),
            'facts': 'total_orders - 1',
            'day': 'first_counted_day',
            'until_day': 'last_counted_day',
        }) }}
    from dated_figures
    where total_orders > 1

    union all

    select
        {{ origin('stripe_average_order_value', {
            'role': "'quotient'",
            'amount': 'stripe_total_sales',
            'facts': 'stripe_total_orders',
        }) }}
    from {{ ref('customer_profiles') }}
    where stripe_total_orders > 0

    union all

    select
        {{ origin('stripe_coupons_used', {
            'fact': "'coupon'",
            'fact_id': 'coupon_id',
            'order_id': 'order_id',
            'label': 'coupon',
            'part': place_in('order_id, coupon, coupon_id'),
        }) }}
    from {{ ref('order_coupons') }}
    where
        is_counted
        and stripe_customer_id is not null

    union all

    select
        {{ origin('stripe_products_bought', {
            'fact': "'line'",
            'fact_id': 'line_id',
            'order_id': 'order_id',
            'label': 'product',
            'quantity': 'quantity',
            'part': place_in('order_id, product, line_id'),
        }) }}
    from {{ ref('order_lines') }}
    where
        {{ is_paid_order() }}
        and product is not null
        and stripe_customer_id is not null

    {% for field, (condition, converted) in totals.items() %}
        union all

        select
            {{ origin(field, {
                'role': "case when converted is not null then 'part' when " ~ lacks_a_rate
                    ~ " then 'unrated' else 'unknown' end",
                'fact': 'fact',
                'fact_id': 'fact_id',
                'order_id': 'order_id',
                'amount': converted,
                'currency': 'currency',
                'rate': 'rate',
                'day': 'day',
                'part': place_in('day, order_id, fact, fact_id'),
            }) }}
        from sales
        where {{ condition }}

        union all

        select
            {{ origin(field, {
                'role': "'sum'",
                'part': 'count(*) + 1',
                'facts': 'count(*)',
                'amount': known_sum(converted, 'true'),
            }) }}
        from sales
        where {{ condition }}
        group by stripe_customer_id
    {% endfor %}

    union all

    select
        {{ origin('stripe_failed_payments', {
            'fact': "'payment'",
            'fact_id': 'charge_id',
            'order_id': 'order_id',
            'label': 'failure_class',
            'amount': 'amount',
            'currency': 'currency',
            'part': place_in('attempted_at desc, charge_id desc'),
        }) }}
    from {{ ref('payments') }} as payments
    cross join {{ ref('run_clock') }} as clock
    where
        {{ has_failed_lately('payments') }}
        and stripe_customer_id is not null

    {% for name in ['url', 'amount', 'currency'] %}
        union all

        select
            {{ origin('stripe_unpaid_invoice_' ~ name, {
                'fact': "'order'",
                'fact_id': 'order_id',
                'order_id': 'order_id',
            }) }}
        from (
            select
                *,
                {{ place_in('ordered_at, order_id') }} as place
            from unpaid
            -- Without a currency what is left to pay is no amount.
            where stripe_customer_id in (
                select customers.stripe_customer_id
                from {{ ref('customer_profiles') }} as customers
                where customers.stripe_unpaid_invoice_amount is not null
            )
        ) as oldest_first
        where place = 1
    {% endfor %}

    {% for name, status in subscription_states().items() %}
        union all

        select
            {{ origin('stripe_subscription_' ~ name, subscription_parts) }}
        from ahead
        where counted_status = '{{ status }}'
    {% endfor %}

    union all

    select
        {{ origin('stripe_plan_names', subscription_parts) }}
    from ahead
    where has_plan

    {% for field, date_ahead in next_dates.items() %}
        union all

        select
            {{ origin(field, subscription_parts) }}
        from (
            select
                *,
                min({{ date_ahead }}) over (partition by stripe_customer_id) as next_at
            from ahead
        ) as next_dates
        where {{ date_ahead }} = next_at
    {% endfor %}

    union all

    select
        {{ origin('stripe_mrr', subscription_parts, {
            'role': "case when mrr is null then 'unknown' "
                ~ "when needs_rate and newest_rate is null then 'unrated' else 'part' end",
            'amount': 'mrr',
            'currency': 'currency',
            'rate': 'case when needs_rate then newest_rate end',
            'day': 'case when needs_rate then newest_rate_day end',
        }) }}
    from rated

    union all

    select
        {{ origin('stripe_loyalty_points', {
            'fact': 'movement',
            'fact_id': 'rule',
            'facts': 'entries',
            'quantity': 'points',
            'part': place_in('movement, rule'),
        }) }}
    from points

    union all

    select
        {{ origin('stripe_loyalty_points', {
            'role': "'unrated'",
            'fact': 'fact',
            'fact_id': 'fact_id',
            'order_id': 'order_id',
            'currency': 'currency',
            'day': 'day',
            'part': place_in('day, order_id, fact_id'),
        }) }}
    from sales
    where
        {{ is_collected() }}
        and {{ lacks_a_rate }}
)

select parts.*
from parts
inner join {{ ref('customer_profiles') }} as customers
    on parts.stripe_customer_id = customers.stripe_customer_id
