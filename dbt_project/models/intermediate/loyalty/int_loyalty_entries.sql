with entries as (
    select
        {{ earning_id('earnings') }} as entry_id,
        stripe_customer_id,
        points,
        'earn' as movement,
        occurred_at,
        occurred_at as matures_at,
        rule,
        rule_version,
        source_id,
        cast(null as varchar) as reverses_entry_id
    from {{ ref('int_loyalty_earnings') }} as earnings
    where points > 0

    union all

    select
        entry_id,
        stripe_customer_id,
        -points as points,
        'reverse' as movement,
        occurred_at,
        greatest(occurred_at, earned_at) as matures_at,
        rule,
        rule_version,
        source_id,
        reverses_entry_id
    from {{ ref('int_loyalty_reversals') }}

    union all

    select
        {{ hash_key(['rule', 'rule_version', 'source_id', "'reverse'", 'entry_id']) }} as entry_id,
        stripe_customer_id,
        points,
        'reverse' as movement,
        occurred_at,
        greatest(occurred_at, earned_at) as matures_at,
        rule,
        rule_version,
        source_id,
        entry_id as reverses_entry_id
    from {{ ref('int_loyalty_reversals') }}
    where not is_counted
)

select
    entry_id,
    stripe_customer_id,
    points,
    movement,
    occurred_at,
    matures_at,
    -- None of the rules lets points expire.
    cast(null as timestamp) as expires_at,
    rule,
    rule_version,
    source_id,
    reverses_entry_id
from entries
