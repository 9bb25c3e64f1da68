{{ config(materialized='table') }}

-- The points that each activity earned, under the version of the rule in force on its day; 0 where
-- they come to less than one. A table, because the ledger and its reversals read it several times.
with rules as (
    select
        rule,
        version,
        points,
        effective_from,
        lead(effective_from) over (partition by rule order by effective_from) as effective_until
    from {{ ref('loyalty_rules') }}
),

dated as (
    select
        activities.*,
        cast({{ to_local('activities.occurred_at', 'clock.reporting_timezone') }} as date)
            as occurred_day,
        clock.reporting_exponent
    from {{ ref('int_loyalty_activities') }} as activities
    cross join {{ ref('run_clock') }} as clock
),

under_rules as (
    select
        dated.*,
        rules.version as rule_version,
        rules.points as rule_points
    from dated
    -- Not an ASOF join, which would sort every activity for the sake of a few rules.
    inner join rules
        on
            dated.rule = rules.rule
            and dated.occurred_day >= rules.effective_from
            and (rules.effective_until is null or dated.occurred_day < rules.effective_until)
)

select
    stripe_customer_id,
    occurred_at,
    rule,
    rule_version,
    source_id,
    order_id,
    case
        when rule = 'order_paid'
            then {{ points_on_sales(
                'collected_minor', 'total_excluding_tax_minor', 'total_minor',
                'rate_e21', 'reporting_exponent', 'rule_points'
            ) }}
        else cast(floor(rule_points) as bigint)
    end as points
from under_rules
