-- The expiry of the card of a customer's newest succeeded charge that has one.
select
    charges.customer_id as stripe_customer_id,
    {{ last_value_by('charges.card_expires_on', ['charges.created_at', 'charges.charge_id']) }}
        as card_expires_on
from {{ ref('stg_stripe__charges') }} as charges
cross join {{ ref('run_clock') }} as clock
where
    charges.card_expires_on is not null
    and charges.customer_id is not null
    and charges.charge_status = 'succeeded'
    and not charges.is_deleted
    and charges.created_at <= clock.as_of
group by charges.customer_id
