-- One row per unit, which is one message: the person, what it is sent for, and the key of a message
-- that would be new.
create or replace temp table persons as
with found as (
    select
        unit,
        person_id,
        min(entered_at) as began_at,
        arg_min(named_as, (entered_at, stay)) as occasion,
        list(distinct stay order by stay) as stays
    from customer_stays
    group by unit, person_id
),

together as (
    select person_id, list(distinct stripe_customer_id order by stripe_customer_id) as customers
    from members
    semi join found using (person_id)
    group by person_id
)

select
    found.*,
    together.customers,
    sha256(concat_ws('|', person_id, getvariable('campaign'), found.occasion)) as fresh_key
from found
inner join together using (person_id);
