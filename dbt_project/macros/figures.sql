{#
    The figures of a profile, over the orders of one customer or of a person's several customers.
    Aggregates over marts.orders; the last order is the greatest (ordered_at, order_id).
#}
{% macro order_figures() -%}
    sum(items_purchased) filter (where {{ is_paid_order() }}) as order_products,
    count(*) filter (where is_counted) as total_orders,
    {{ last_value_by(
        struct_of({
            'status': 'order_status',
            'value': 'order_total',
            'value_minor': 'order_total_minor',
            'currency': 'currency',
            'ordered_at': 'ordered_at',
        }),
        ['ordered_at', 'order_id']
    ) }} as last_order,
    min(ordered_at) as first_ordered_at,
    min(ordered_at) filter (where is_counted) as first_counted_at,
    max(ordered_at) filter (where is_counted) as last_counted_at,
    max(paid_at) filter (where {{ is_paid_order() }}) as last_paid_at
{%- endmacro %}


{# Aggregates over marts.orders: the ids of the orders that order_figures() takes its dates from. #}
{% macro order_ids() -%}
    {%- set is_paid_once = is_paid_order() ~ ' and paid_at is not null' -%}
    {{ first_value_by('order_id', ['ordered_at', 'order_id']) }} as first_order_id,
    {{ last_value_by('order_id', ['ordered_at', 'order_id']) }} as last_order_id,
    {{ last_value_by('order_id', ['ordered_at', 'order_id'], 'is_counted') }} as last_counted_order_id,
    {{ last_value_by('order_id', ['paid_at', 'order_id'], is_paid_once) }} as last_paid_order_id
{%- endmacro %}


{# Whether an order (a row of marts.orders) is paid; one that is no longer was, or never. #}
{% macro is_paid_order() -%}
    order_status = 'paid'
{%- endmacro %}


{# Aggregates over int_sales_facts: totals in the reporting currency's minor unit. #}
{% macro sales_figures() -%}
    {{ sum_facts('fact is not null') }} as total_sales_minor,
    {{ sum_facts(is_collected()) }} as gross_sales_minor,
    -{{ sum_facts(is_given_back()) }} as refunded_minor
{%- endmacro %}


{# Whether a fact of sales is what an order collected. #}
{% macro is_collected() -%}
    fact = 'collected'
{%- endmacro %}


{# Whether a fact of sales was given back by the merchant; a lost dispute was taken. #}
{% macro is_given_back() -%}
    fact in ('refund', 'credit_note')
{%- endmacro %}


{# Whether of a fact of sales both amount and currency are known: a rate would convert it. #}
{% macro is_known_amount() -%}
    amount_minor is not null and currency is not null
{%- endmacro %}


{#
    Aggregate over facts (int_sales_facts) without a converted amount: whether some that satisfy
    `condition` lack a rate, and all of those nothing else.
#}
{% macro lacks_a_rate(condition) -%}
    bool_and({{ is_known_amount() }}) filter (where {{ condition }})
{%- endmacro %}


{#
    Net by currency, without the zeros (query), of the rows of marts.orders that `orders` names; null
    where one isn't known. A net of 0 is known in whichever currency.
#}
{% macro sales_by_currency(orders, owner) %}
    with nets as (
        select
            {{ owner }},
            currency,
            {{ known_sum('net', 'true') }} as net,
            bool_and(coalesce(net_minor = 0 or (currency is not null and net is not null), false))
                as is_known
        from {{ orders }}
        where {{ owner }} is not null
        group by {{ owner }}, currency
    )

    select
        {{ owner }},
        case
            when bool_and(is_known)
                then {{ amounts_by_currency('currency', 'net') }}
        end as sales_by_currency
    from nets
    group by {{ owner }}
{% endmacro %}


{#
    What they bought, as columns of a mart; in scope are `orders` (order_figures), `sales`
    (sales_figures), `by_currency`, run_clock as `clock`, int_sales_basis as `basis` and
    int_readable_resources as `readable`.
#}
{% macro order_columns() -%}
    {%- set average = divide_half_up('sales.total_sales_minor', 'nullif(orders.total_orders, 0)') -%}
    {%- set gross = 'case when readable.invoices then sales.gross_sales_minor end' -%}
    {%- set refunded = 'case when basis.knows_refunds then sales.refunded_minor end' -%}
    cast(coalesce(orders.order_products, 0) as bigint) as stripe_order_products,
    coalesce(orders.total_orders, 0) as stripe_total_orders,
    {{ to_major('sales.total_sales_minor', 'clock.reporting_exponent') }} as stripe_total_sales,
    sales.total_sales_minor as stripe_total_sales_minor,
    orders.last_order.status as stripe_order_status,
    orders.last_order.value as stripe_order_last_value,
    orders.last_order.value_minor as stripe_order_last_value_minor,
    orders.last_order.ordered_at as stripe_last_create_order_date,
    orders.first_ordered_at as stripe_first_create_order_date,
    orders.last_order.currency as stripe_order_last_currency,
    case
        when readable.invoices and orders.total_orders is null then {{ no_amounts() }}
        when readable.invoices then by_currency.sales_by_currency
    end as stripe_sales_by_currency,
    {{ to_major(gross, 'clock.reporting_exponent') }} as stripe_gross_sales,
    {{ gross }} as stripe_gross_sales_minor,
    {{ to_major(refunded, 'clock.reporting_exponent') }} as stripe_refunded,
    {{ refunded }} as stripe_refunded_minor,
    {{ to_major(average, 'clock.reporting_exponent') }} as stripe_average_order_value,
    {{ average }} as stripe_average_order_value_minor,
    case
        when orders.total_orders > 1
            then {{ divide_half_up(
                days_between('orders.first_counted_at', 'orders.last_counted_at'),
                '(orders.total_orders - 1)'
            ) }}
    end as stripe_order_cadence_days,
    orders.last_paid_at as stripe_last_paid_order_at,
    orders.last_counted_at as stripe_last_counted_order_at,
    {{ days_between('orders.last_counted_at', 'clock.as_of') }} as stripe_days_since_last_order
{%- endmacro %}


{#
    What they pay a month, as columns of a mart; in scope are `mrr` (sum_mrr, one row per owner with
    subscriptions), run_clock as `clock` and int_readable_resources as `readable`. `owner` is the
    key of `mrr`: who has no subscription has no row there and pays nothing.
#}
{% macro mrr_columns(owner) -%}
    {%- set minor -%}
        case
            when not readable.subscriptions then null
            when {{ owner }} is null then 0
            else mrr.mrr_minor
        end
    {%- endset -%}
    {{ to_major(minor, 'clock.reporting_exponent') }} as stripe_mrr,
    {{ minor }} as stripe_mrr_minor
{%- endmacro %}


{# Whether a payment failed in the last 30 days before as-of; run_clock is `clock`. #}
{% macro has_failed_lately(payments) -%}
    {{ payments }}.payment_status = 'failed'
    and {{ payments }}.attempted_at >= {{ from_as_of(-30, 'day') }}
{%- endmacro %}
