-- What the segments read, for a made-up shop with as many customers as the variable `customers`
-- says: rows for the tables that dbt has made of an empty lake. Each value comes of the customer's
-- number, by multiplication modulo a prime, so that a shop of one size is always the same.
create temp macro pick(number, salt, size) as
    (number % 1000003 * salt % 1000003 + number // 1000003) % size;

create temp table drawn as
select
    made.number,
    clock.as_of,
    'cus_' || substr(md5(made.number::varchar), 1, 14) as stripe_customer_id,
    clock.as_of - to_days((pick(number, 7919, 1200) + pick(number, 104729, 20))::integer)
    - to_seconds(pick(number, 15485863, 86400)) as created_at,
    -- A quarter bought nothing, as many once, the others up to 17 times.
    case
        when pick(number, 32452843, 1000) < 250 then 0
        when pick(number, 49979687, 1000) < 330 then 1
        else 2 + pick(number, 67867967, 4) * pick(number, 86028121, 6)
    end as total_orders,
    5 + pick(number, 122949823, 150) as cadence_days,
    pick(number, 141650939, 400) as idle_days,
    1000 + pick(number, 160481183, 9000) as order_minor,
    -- One buyer in nine uses coupons: each time, or for the last order only.
    case pick(number, 256203161, 18) when 0 then 'each' when 1 then 'last' else '' end as coupons,
    -- Every other customer has or had a subscription.
    case
        when pick(number, 179424673, 2) = 0 then pick(number, 198491317, 20)
    end as state,
    pick(number, 275604541, 8760) as hours
from range(1, getvariable('customers')::bigint + 1) as made (number)
cross join intermediate.run_clock as clock;

create temp table shop as
select
    *,
    as_of - to_days(idle_days::integer) - to_seconds(hours) as last_order_at,
    total_orders * order_minor as sales_minor,
    case
        when state < 11 then 'active'
        when state < 13 then 'trialing'
        when state = 13 then 'past_due'
        when state = 14 then 'paused'
        when state < 20 then 'cancelled'
    end as status
from drawn;

insert into marts.orders by name
select
    'in_' || shop.number || '_' || placed.place as order_id,
    shop.stripe_customer_id,
    'invoice' as order_source,
    'paid' as order_status,
    case when shop.status is not null then 'sub_' || shop.number end as subscription_id,
    shop.last_order_at - to_days((placed.place * shop.cadence_days)::integer) as paid_at,
    shop.last_order_at - to_days((placed.place * shop.cadence_days)::integer) as ordered_at,
    'usd' as currency,
    (shop.order_minor / 100)::decimal(18, 3) as order_total,
    shop.order_minor as order_total_minor,
    true as is_counted
from shop
cross join range(18) as placed (place)
where placed.place < shop.total_orders;

-- Each order was paid by one charge; of every 30th customer a later one failed, some were made good.
insert into marts.payments by name
select
    'ch_' || order_id as charge_id,
    stripe_customer_id,
    order_id,
    ordered_at as attempted_at,
    'paid' as payment_status
from marts.orders
union all by name
select
    'ch_failed_' || number as charge_id,
    stripe_customer_id,
    as_of - to_hours(pick(number, 295075153, 240)) as attempted_at,
    'failed' as payment_status
from shop
where number % 30 = 0;

insert into marts.order_coupons by name
select
    'in_' || shop.number || '_' || placed.place as order_id,
    shop.stripe_customer_id,
    true as is_counted,
    'spring' as coupon_id,
    'SPRING' as coupon
from shop
cross join range(18) as placed (place)
where
    placed.place < shop.total_orders
    and (shop.coupons = 'each' or (shop.coupons = 'last' and placed.place = 0));

insert into marts.subscriptions by name
select
    'sub_' || number as subscription_id,
    stripe_customer_id,
    status as subscription_status,
    status as counted_status,
    'usd' as currency,
    created_at,
    created_at as started_at,
    case
        when status = 'trialing' then as_of + to_hours(hours // 26)
        when status = 'active' and state = 0 then last_order_at - to_hours(hours % 3)
    end as trial_ends_at,
    pick(number, 236887691, 10) = 0 as is_cancelled_at_period_end
from shop
where status is not null;

insert into marts.customer_profiles by name
select
    stripe_customer_id,
    'person' || number || '@example.com' as email,
    email as email_raw,
    true as email_deliverable,
    'Given' || pick(number, 314606891, 900) as first_name,
    'Family' || pick(number, 334214459, 9000) as last_name,
    first_name || ' ' || last_name as full_name,
    case pick(number, 353868013, 4) when 0 then 'DE' when 1 then 'FR' else 'US' end as country,
    created_at,
    'person_' || number as stripe_person_id,
    total_orders as stripe_total_orders,
    total_orders as stripe_order_products,
    (sales_minor / 100)::decimal(18, 3) as stripe_total_sales,
    sales_minor as stripe_total_sales_minor,
    case when total_orders > 2 then cadence_days end as stripe_order_cadence_days,
    case when total_orders > 0 then last_order_at end as stripe_last_counted_order_at,
    case when total_orders > 0 then idle_days end as stripe_days_since_last_order,
    case
        when coupons <> '' and total_orders > 0 then ['SPRING'] else []::varchar[]
    end as stripe_coupons_used,
    (coalesce(status, '') = 'active')::bigint as stripe_subscription_active,
    (coalesce(status, '') = 'cancelled')::bigint as stripe_subscription_cancelled,
    (coalesce(status, '') = 'paused')::bigint as stripe_subscription_paused,
    (coalesce(status, '') = 'trialing')::bigint as stripe_subscription_trial,
    (coalesce(status, '') = 'past_due')::bigint as stripe_subscription_past_due,
    case when status in ('active', 'past_due') then as_of + to_hours(hours // 12) end
        as stripe_next_renewal_at,
    case when status is not null then (as_of + to_days((hours // 6)::integer))::date end
        as stripe_card_expires_on,
    case when hours % 50 = 0 then as_of - to_hours(hours // 26) end as stripe_abandoned_checkout_at,
    case when hours % 60 = 0 then (order_minor / 100)::decimal(18, 3) end
        as stripe_unpaid_invoice_amount,
    total_orders * 10 as stripe_loyalty_points
from shop;
