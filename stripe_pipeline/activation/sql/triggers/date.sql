-- The day of a date field, some days before or after it. A date that moves is another fact.
select
    stripe_customer_id,
    strftime(day, '%Y-%m-%d') as fact,
    strftime(day, '%Y-%m-%d') as fact_id,
    start_of_day(day + cast(getvariable('days') as integer)) as happened_at
from (select stripe_customer_id, local_day({field}) as day from customer_profiles)
where day is not null
