-- The facts that trigger the campaign, each a unit of its person. A deleted customer's facts are kept
-- beside those of the person's live ones, as a message may stand for them.

create or replace temp table facts as
with happened as (
{facts}
)

select
    members.person_id,
    members.is_live,
    happened.*
from happened
inner join members using (stripe_customer_id)
where happened.happened_at <= getvariable('as_of');

create or replace temp table customer_stays as
select
    person_id,
    stripe_customer_id,
    happened_at as entered_at,
    is_live as is_open,
    concat_ws('|', person_id, fact) as unit,
    concat(getvariable('occasion'), '@', fact_id) as named_as,
    stay_name(stripe_customer_id, concat(getvariable('occasion'), '@', fact)) as stay
from facts
qualify bool_or(is_open) over (partition by unit);
