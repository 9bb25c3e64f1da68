-- A customer's last Checkout session that expired unpaid, unless something was bought after it
-- was opened: a counted order, or a session that completed.
with bought as (
    select
        stripe_customer_id,
        ordered_at as bought_at
    from {{ ref('int_orders') }}
    where is_counted

    union all

    select
        customer_id as stripe_customer_id,
        created_at as bought_at
    from {{ ref('int_checkout_sessions') }}
    where session_status = 'complete'
),

last_bought as (
    select
        stripe_customer_id,
        max(bought_at) as bought_at
    from bought
    where stripe_customer_id is not null
    group by stripe_customer_id
)

select
    sessions.customer_id as stripe_customer_id,
    {{ last_value_by(
        struct_of({
            'checkout_session_id': 'sessions.checkout_session_id',
            'abandoned_at': 'sessions.expires_at',
            'url': 'case when sessions.recovery_url_expires_at > clock.as_of then sessions.recovery_url end',
        }),
        ['sessions.expires_at', 'sessions.checkout_session_id']
    ) }} as checkout
from {{ ref('int_checkout_sessions') }} as sessions
cross join {{ ref('run_clock') }} as clock
left join last_bought
    on sessions.customer_id = last_bought.stripe_customer_id
where
    sessions.customer_id is not null
    and sessions.session_status = 'expired'
    and sessions.payment_status = 'unpaid'
    and sessions.expires_at <= clock.as_of
    and (last_bought.bought_at is null or last_bought.bought_at <= sessions.created_at)
group by sessions.customer_id
