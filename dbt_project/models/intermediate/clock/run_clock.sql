{{ config(materialized='table') }}

-- The one model that reads the clock and the reporting settings: a new as-of instant changes the
-- code of this model and of no other.
with given as (
    select
        {{ utc_timestamp(setting('as_of', run_started_at.isoformat())) }} as as_of,
        {{ literal(setting('reporting_timezone', 'UTC')) }} as reporting_timezone,
        {{ literal(setting('reporting_currency', 'usd') | lower) }} as reporting_currency
),

recorded as (
    select max(moved_at) as newest_move_at
    from {{ ref('stg_activation__segment_moves') }}
)

select
    given.as_of,
    {{ to_local('given.as_of', 'given.reporting_timezone') }} as as_of_local,
    given.reporting_timezone,
    given.reporting_currency,
    coalesce(currencies.exponent, 2) as reporting_exponent,
    coalesce(given.as_of < recorded.newest_move_at, false) as is_past
from given
cross join recorded
left join {{ ref('currencies') }} as currencies
    on given.reporting_currency = currencies.currency
