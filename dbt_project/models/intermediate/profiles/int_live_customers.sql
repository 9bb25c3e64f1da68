-- Customers with a profile: they exist at the as-of instant, aren't deleted and have no test clock.
select customers.*
from {{ ref('stg_stripe__customers') }} as customers
cross join {{ ref('run_clock') }} as clock
where
    not customers.is_deleted
    and customers.test_clock_id is null
    and customers.created_at <= clock.as_of
