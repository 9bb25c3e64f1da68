-- Both sides of what must be equal. A total of profiles is a sum of amounts that were each rounded once:
-- it may be off by half a minor unit for each of them, and for the one rounding of the other side.
with days as (
    select
        coalesce(currency, 'unknown') as currency,
        {{ known_sum('order_day_minor', 'true') }} as by_order_minor,
        {{ known_sum('money_day_minor', 'true') }} as by_money_minor,
        sum(order_day_facts) as by_order_facts,
        sum(money_day_facts) as by_money_facts
    from {{ ref('int_sales_by_day') }}
    group by coalesce(currency, 'unknown')
),

facts as (
    select
        coalesce(currency, 'unknown') as currency,
        {{ known_sum('amount_minor', 'true') }} as amount_minor,
        count(*) as facts
    from {{ ref('sales_facts') }}
    group by coalesce(currency, 'unknown')
),

of_customers as (
    select
        {{ divide_half_up(known_sum('order_day_e21', 'true'), '1000000000000000000000') }}
            as converted_minor
    from {{ ref('int_sales_by_day') }}
    where buyer = 'customer'
),

of_profiles as (
    select
        {{ known_sum('stripe_total_sales_minor', 'true') }} as total_minor,
        count(*) as profiles
    from {{ ref('customer_profiles') }}
),

moved as (
    select
        subscription_id,
        sum(amount_minor) as amount_minor
    from {{ ref('mrr_movements') }}
    group by subscription_id
),

moved_exactly as (
    select
        subscription_id,
        sum(moved_e21) as moved_e21
    from {{ ref('int_mrr_movements') }}
    group by subscription_id
),

ties as (
    {% for dating in ['order', 'money'] %}
        select
            'sales_by_day, by the {{ dating }} day, and sales_facts' as tie,
            coalesce(days.currency, facts.currency) as currency,
            coalesce(days.by_{{ dating }}_facts, 0) as left_rows,
            coalesce(facts.facts, 0) as right_rows,
            days.by_{{ dating }}_minor as left_minor,
            facts.amount_minor as right_minor,
            0 as tolerance_minor
        from days
        full join facts
            on days.currency = facts.currency

        union all
    {% endfor %}

    select
        'sales_by_day of customers, and the total sales of customer_profiles' as tie,
        clock.reporting_currency as currency,
        of_profiles.profiles as left_rows,
        of_profiles.profiles as right_rows,
        of_customers.converted_minor as left_minor,
        of_profiles.total_minor as right_minor,
        {{ whole_quotient('of_profiles.profiles + 1', '2') }} as tolerance_minor
    from of_customers
    cross join of_profiles
    cross join {{ ref('run_clock') }} as clock

    union all

    -- Subscription by subscription: the rows are those that tie, and all.
    select
        'mrr_movements, and the mrr of subscriptions' as tie,
        coalesce(subscriptions.currency, 'unknown') as currency,
        count(*) filter (where coalesce(moved.amount_minor, 0) = subscriptions.mrr_minor)
            as left_rows,
        count(*) as right_rows,
        sum(coalesce(moved.amount_minor, 0)) as left_minor,
        sum(subscriptions.mrr_minor) as right_minor,
        0 as tolerance_minor
    from {{ ref('subscriptions') }} as subscriptions
    left join moved
        on subscriptions.subscription_id = moved.subscription_id
    where subscriptions.mrr_minor is not null
    group by coalesce(subscriptions.currency, 'unknown')

    union all

    select
        'mrr_movements, and the mrr of subscriptions at the rate of the as-of day' as tie,
        clock.reporting_currency as currency,
        count(*) filter (where coalesce(moved_exactly.moved_e21, 0) = facts.reporting_e21)
            as left_rows,
        count(*) as right_rows,
        {{ reporting_minor('sum(coalesce(moved_exactly.moved_e21, 0))') }} as left_minor,
        {{ reporting_minor('sum(facts.reporting_e21)') }} as right_minor,
        0 as tolerance_minor
    from {{ ref('int_mrr_facts') }} as facts
    cross join {{ ref('run_clock') }} as clock
    left join moved_exactly
        on facts.subscription_id = moved_exactly.subscription_id
    where facts.reporting_e21 is not null
    group by clock.reporting_currency

    union all

    -- Order by order: the rows are those that tie, and all.
    select
        'order_lines with what order_line_sums sets beside them, and the totals of orders' as tie,
        coalesce(currency, 'unknown') as currency,
        count(*) filter (where explained_minor = order_total_minor) as left_rows,
        count(*) as right_rows,
        sum(explained_minor) as left_minor,
        sum(order_total_minor) as right_minor,
        0 as tolerance_minor
    from {{ ref('int_order_line_ties') }}
    group by coalesce(currency, 'unknown')
)

select
    tie,
    currency,
    cast(left_minor as bigint) as left_minor,
    cast(right_minor as bigint) as right_minor,
    cast(tolerance_minor as bigint) as tolerance_minor,
    case
        when left_rows <> right_rows then 'differs'
        when left_minor is null and right_minor is null then 'unknown'
        when left_minor is null or right_minor is null then 'differs'
        when abs(left_minor - right_minor) > tolerance_minor then 'differs'
        else 'ties'
    end as verdict
from ties
