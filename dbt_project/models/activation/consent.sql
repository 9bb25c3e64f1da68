-- The ledger of consent: what people said, when, and how it is known. An opt-in later than as-of
-- doesn't exist yet; an opt-out counts whatever its date, so that no clock can undo it.
select
    'email' as channel,
    sessions.email as address,
    sessions.promotions_consent as status,
    'stripe checkout ' || sessions.checkout_session_id as source,
    sessions.created_at as occurred_at
from {{ ref('stg_stripe__checkout_sessions') }} as sessions
cross join {{ ref('run_clock') }} as clock
where
    not sessions.is_deleted
    and sessions.email is not null
    and sessions.promotions_consent in ('opt_in', 'opt_out')
    and (sessions.created_at <= clock.as_of or sessions.promotions_consent = 'opt_out')
    and not exists (
        select 1
        from {{ ref('int_test_clock_customers') }} as test_customers
        where test_customers.customer_id = sessions.customer_id
    )

union all

select distinct
    entries.channel,
    entries.address,
    entries.status,
    entries.source,
    entries.occurred_at
from {{ ref('stg_activation__consent_entries') }} as entries
cross join {{ ref('run_clock') }} as clock
where entries.occurred_at <= clock.as_of or entries.status = 'opt_out'
