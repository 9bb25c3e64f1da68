-- The newest anniversary of a date field whose day, some days before or after it, has come. One of
-- 29 February is on the 28th in other years.
with days as (
    select
        stripe_customer_id,
        local_day({field}) as day,
        extract(
            'year' from local_day(getvariable('as_of')) - cast(getvariable('days') as integer)
        )
        + unnest([-1, 0, 1]) as year
    from customer_profiles
),

anniversaries as (
    select
        stripe_customer_id,
        day,
        least(
            make_date(year, extract('month' from day), 1)
            + cast(extract('day' from day) - 1 as integer),
            last_day(make_date(year, extract('month' from day), 1))
        ) as anniversary
    from days
    where day is not null
)

select
    stripe_customer_id,
    strftime(anniversary, '%Y-%m-%d') as fact,
    strftime(anniversary, '%Y-%m-%d') as fact_id,
    start_of_day(anniversary + cast(getvariable('days') as integer)) as happened_at
from anniversaries
where
    anniversary > day
    and start_of_day(anniversary + cast(getvariable('days') as integer)) <= getvariable('as_of')
qualify
    row_number() over (
        partition by stripe_customer_id
        order by anniversary desc
    ) = 1
