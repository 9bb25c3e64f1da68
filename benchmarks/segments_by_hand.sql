-- All memberships of the project's own segments at once, as one would write them for this one shop:
-- the reporting currency is the shop's only one, so no rate can be missing, the zone is UTC, and no
-- recorded move was taken back. Reads the warehouse (attached as `shop`) and the log of moves.
create schema if not exists marts;

create table marts.segment_members as
with log as (
    from read_parquet(getvariable('moves'))
),

open_stays as (
    select
        log.segment,
        log.stripe_customer_id,
        min(log.moved_at at time zone 'UTC') as entered_at
    from log
    left join (
        select
            segment,
            stripe_customer_id,
            max(moved_at) as left_at
        from log
        where move = 'left'
        group by all
    ) as last_left
        on
            log.segment = last_left.segment
            and log.stripe_customer_id = last_left.stripe_customer_id
    where
        log.move = 'entered'
        and (last_left.left_at is null or log.moved_at > last_left.left_at)
    group by all
),

instant as (
    select as_of from shop.intermediate.run_clock
),

placed as (
    select
        orders.stripe_customer_id,
        count(*) as orders,
        count(coupons.order_id) as with_coupon,
        min(orders.ordered_at)::date as first_day
    from shop.marts.orders as orders
    left join (select distinct order_id from shop.marts.order_coupons) as coupons
        using (order_id)
    where orders.is_counted
    group by all
),

trials as (
    select
        stripe_customer_id,
        min(trial_ends_at) as trial_ends_at
    from shop.marts.subscriptions
    cross join instant
    where
        counted_status = 'trialing'
        and trial_ends_at > as_of
        and trial_ends_at <= as_of + interval 3 day
        and not is_cancelled_at_period_end
        and (cancels_at is null or cancels_at > trial_ends_at)
    group by all
),

attempts as (
    select
        stripe_customer_id,
        max(case when payment_status = 'failed' then attempted_at end) as failed_at,
        max(case when payment_status in ('paid', 'authorized', 'released') then attempted_at end)
            as succeeded_at
    from shop.marts.payments
    group by all
),

converted as (
    select
        subscriptions.stripe_customer_id,
        min(subscriptions.trial_ends_at) as trial_ended_at,
        min(orders.paid_at) as paid_at
    from shop.marts.subscriptions as subscriptions
    cross join instant
    inner join shop.marts.orders as orders using (subscription_id)
    where
        subscriptions.counted_status = 'active'
        and subscriptions.trial_ends_at between as_of - interval 30 day and as_of
        and orders.order_status = 'paid'
        and orders.order_total > 0
        and orders.paid_at >= subscriptions.trial_ends_at
    group by all
),

best as (
    select stripe_customer_id
    from shop.marts.customer_profiles
    where stripe_total_sales > 0
    order by stripe_total_sales desc, stripe_customer_id
    limit (
        select ceil(5 * count(*) / 100) from shop.marts.customer_profiles
        where stripe_total_sales > 0
    )::bigint
),

customers as not materialized (
    select
        *,
        stripe_total_orders > 0
        and stripe_last_counted_order_at < as_of - interval 6 month as is_lapsed,
        stripe_subscription_cancelled > 0
        and stripe_subscription_active = 0
        and stripe_subscription_trial = 0
        and stripe_subscription_past_due = 0
        and stripe_subscription_paused = 0 as is_cancelled
    from shop.marts.customer_profiles as profiles
    cross join instant
),

members as (
    select
        'abandoned_checkout' as segment,
        stripe_customer_id,
        json_object(
            'abandoned_at', stripe_abandoned_checkout_at,
            'abandoned_since', as_of - interval 7 day
        )::varchar as why
    from customers
    where
        stripe_abandoned_checkout_at >= as_of - interval 7 day
        and stripe_abandoned_checkout_at <= as_of

    union all

    select
        'at_risk' as segment,
        stripe_customer_id,
        json_object(
            'stripe_total_orders', stripe_total_orders,
            'stripe_total_orders_at_least', 3,
            'stripe_days_since_last_order', stripe_days_since_last_order,
            'stripe_days_since_last_order_more_than', 2 * stripe_order_cadence_days,
            'not_in_lapsed_6_months', true
        )::varchar as why
    from customers
    where
        stripe_total_orders >= 3
        and stripe_days_since_last_order > 2 * stripe_order_cadence_days
        and not is_lapsed

    union all

    select
        'cancelled' as segment,
        stripe_customer_id,
        json_object(
            'stripe_subscription_cancelled', stripe_subscription_cancelled,
            'stripe_subscription_active', 0,
            'stripe_subscription_trial', 0,
            'stripe_subscription_past_due', 0,
            'stripe_subscription_paused', 0
        )::varchar as why
    from customers
    where is_cancelled

    union all

    select
        'cancelled_high_value' as segment,
        stripe_customer_id,
        '{"in_cancelled":true,"in_vip":true}' as why
    from customers
    where
        is_cancelled
        and stripe_total_sales >= 500

    union all

    select
        'card_expiring' as segment,
        stripe_customer_id,
        json_object(
            'stripe_card_expires_on', stripe_card_expires_on,
            'stripe_card_expires_on_until', (as_of + interval 30 day)::date,
            'stripe_subscription_active', nullif(stripe_subscription_active, 0),
            'stripe_subscription_trial', nullif(stripe_subscription_trial, 0),
            'stripe_subscription_past_due', nullif(stripe_subscription_past_due, 0)
        )::varchar as why
    from customers
    where
        stripe_card_expires_on between as_of::date and (as_of + interval 30 day)::date
        and stripe_subscription_active + stripe_subscription_trial + stripe_subscription_past_due > 0

    union all

    select
        'coupon_only_buyers' as segment,
        stripe_customer_id,
        json_object(
            'orders', orders,
            'orders_with_a_coupon', with_coupon
        )::varchar as why
    from placed semi join customers using (stripe_customer_id)
    where orders = with_coupon

    union all

    select
        'first_order_anniversary' as segment,
        stripe_customer_id,
        json_object(
            'first_order_on', first_day,
            'today', as_of::date
        )::varchar as why
    from placed semi join customers using (stripe_customer_id) cross join instant
    where
        year(first_day) < year(as_of)
        and month(first_day) = month(as_of)
        and (day(first_day) = day(as_of) or (day(first_day) = 29 and day(as_of) = 28 and month(as_of + interval 1 day) = 3))

    union all

    select
        'lapsed_6_months' as segment,
        stripe_customer_id,
        json_object(
            'stripe_total_orders', stripe_total_orders,
            'last_counted_order_at', stripe_last_counted_order_at,
            'ordered_before', as_of - interval 6 month
        )::varchar as why
    from customers
    where is_lapsed

    union all

    select
        'new_customers' as segment,
        stripe_customer_id,
        json_object(
            'created_at', created_at,
            'created_since', as_of - interval 30 day
        )::varchar as why
    from customers
    where
        created_at >= as_of - interval 30 day
        and created_at <= as_of

    union all

    select
        'one_time_buyers' as segment,
        stripe_customer_id,
        '{"stripe_total_orders":1}' as why
    from customers
    where stripe_total_orders = 1

    union all

    select
        'past_due' as segment,
        stripe_customer_id,
        json_object(
            'stripe_subscription_past_due', stripe_subscription_past_due
        )::varchar as why
    from customers
    where stripe_subscription_past_due > 0

    union all

    select
        'paused' as segment,
        stripe_customer_id,
        json_object(
            'stripe_subscription_paused', stripe_subscription_paused,
            'stripe_subscription_active', 0,
            'stripe_subscription_trial', 0,
            'stripe_subscription_past_due', 0
        )::varchar as why
    from customers
    where
        stripe_subscription_paused > 0
        and stripe_subscription_active = 0
        and stripe_subscription_trial = 0
        and stripe_subscription_past_due = 0

    union all

    select
        'renewal_ahead' as segment,
        stripe_customer_id,
        json_object(
            'stripe_next_renewal_at', stripe_next_renewal_at,
            'stripe_next_renewal_at_until', as_of + interval 7 day
        )::varchar as why
    from customers
    where
        stripe_next_renewal_at > as_of
        and stripe_next_renewal_at <= as_of + interval 7 day

    union all

    select
        'repeat_buyers' as segment,
        stripe_customer_id,
        json_object(
            'stripe_total_orders', stripe_total_orders,
            'stripe_total_orders_at_least', 2
        )::varchar as why
    from customers
    where stripe_total_orders >= 2

    union all

    select
        'top_5_percent' as segment,
        stripe_customer_id,
        json_object(
            'stripe_total_sales', stripe_total_sales,
            'stripe_total_sales_top_percent', 5
        )::varchar as why
    from customers semi join best using (stripe_customer_id)

    union all

    select
        'trial_ending' as segment,
        stripe_customer_id,
        json_object(
            'trial_ends_at', trial_ends_at,
            'until', as_of + interval 3 day
        )::varchar as why
    from trials semi join customers using (stripe_customer_id) cross join instant

    union all

    select
        'payment_failed' as segment,
        stripe_customer_id,
        json_object(
            'failed_at', failed_at,
            'failed_since', as_of - interval 7 day
        )::varchar as why
    from attempts semi join customers using (stripe_customer_id) cross join instant
    where
        failed_at >= as_of - interval 7 day
        and (succeeded_at is null or succeeded_at < failed_at)

    union all

    select
        'trial_converted' as segment,
        stripe_customer_id,
        json_object(
            'trial_ended_at', trial_ended_at,
            'trial_ended_since', as_of - interval 30 day,
            'paid_at', paid_at
        )::varchar as why
    from converted semi join customers using (stripe_customer_id) cross join instant

    union all

    select
        'unpaid_invoice' as segment,
        stripe_customer_id,
        json_object('stripe_unpaid_invoice_amount', stripe_unpaid_invoice_amount)::varchar as why
    from customers
    where stripe_unpaid_invoice_amount is not null

    union all

    select
        'vip' as segment,
        stripe_customer_id,
        json_object(
            'stripe_total_sales', stripe_total_sales,
            'minimum_sales', 500::decimal(18, 3)
        )::varchar as why
    from customers
    where stripe_total_sales >= 500
)

select
    members.segment,
    members.stripe_customer_id,
    coalesce(open_stays.entered_at, instant.as_of) as entered_at,
    members.why
from members
cross join instant
left join open_stays
    on
        members.segment = open_stays.segment
        and members.stripe_customer_id = open_stays.stripe_customer_id;
