-- The same marts, written by hand as one DuckDB script over the same Parquet files, as someone
-- would who knows one account: a key that may read everything, UTC days, US dollars, the shipped
-- rules. benchmarks/transform_by_hand.py runs it, and gives the variables lake, seeds, rates, as_of.

create schema marts;

create macro body_of(resource) as table
with versions as (
    select
        id, is_deleted, cast(parse_filename(filename, true) as bigint) << 32 | file_row_number as position
    from read_parquet(
        getvariable('lake') || '/' || resource || '/*.parquet',
        filename = true, file_row_number = true, hive_partitioning = false
    )
),
chosen as (
    select
        id,
        arg_max(is_deleted, position) as is_deleted,
        coalesce(max(position) filter (where not is_deleted), max(position)) as position
    from versions
    group by id
)
select lake.id, lake.body, chosen.is_deleted
from read_parquet(
    getvariable('lake') || '/' || resource || '/*.parquet',
    filename = true, file_row_number = true, hive_partitioning = false
) as lake
join chosen
    on lake.id = chosen.id
    and cast(parse_filename(lake.filename, true) as bigint) << 32 | lake.file_row_number = chosen.position;

create macro ever(resource) as table
select id, body ->> '$.status' as status
from read_parquet(
    getvariable('lake') || '/' || resource || '/*.parquet', hive_partitioning = false
);

create macro moment(seconds) as make_timestamp(seconds * 1000000);
create macro major(minor, exponent) as cast(
    cast(minor as decimal(18, 0)) * case exponent when 0 then 1.000 when 3 then 0.001 else 0.010 end
    as decimal(18, 3)
);
create macro half_up(dividend, divisor) as cast(
    sign(dividend) * ((2 * abs(cast(dividend as hugeint)) + divisor) // (2 * divisor)) as bigint
);
create macro rounded(e21) as half_up(e21, 1000000000000000000000);
create macro pro_rata(amount, part, whole) as cast(cast(amount as hugeint) * part // whole as bigint);

create temp table currencies as
select currency, exponent from read_csv(getvariable('seeds') || '/currencies.csv');

-- ---------------------------------------------------------------- what Stripe has, parsed once

create temp table customers as
with parsed as (
    select id, is_deleted, from_json(body, '{
        "created": "BIGINT", "test_clock": "VARCHAR", "email": "VARCHAR", "name": "VARCHAR",
        "individual_name": "VARCHAR", "business_name": "VARCHAR", "phone": "VARCHAR",
        "address": {"line1": "VARCHAR", "line2": "VARCHAR", "city": "VARCHAR", "state": "VARCHAR",
                    "postal_code": "VARCHAR", "country": "VARCHAR"},
        "preferred_locales": ["VARCHAR"], "delinquent": "BOOLEAN"
    }') as customer
    from body_of('customers')
)
select
    id as stripe_customer_id,
    is_deleted,
    moment(customer.created) as created_at,
    nullif(regexp_extract(
        lower(regexp_replace(customer.email, '^[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+$', '', 'g')),
        '^[^@\p{Z}\p{Cc}\p{Cf}]+@[^@.\p{Z}\p{Cc}\p{Cf}]+(\.[^@.\p{Z}\p{Cc}\p{Cf}]+)+$'
    ), '') as email,
    nullif(customer.name, '') as full_name,
    first_name(customer.name, customer.business_name, customer.individual_name) as first_name,
    last_name(customer.name, customer.business_name, customer.individual_name) as last_name,
    normalize_phone(customer.phone, country_code(customer.address.country)) as phone,
    nullif(customer.phone, '') as phone_raw,
    nullif(customer.address.line1, '') as address_line1,
    nullif(customer.address.line2, '') as address_line2,
    nullif(customer.address.city, '') as city,
    nullif(customer.address.state, '') as region,
    nullif(customer.address.postal_code, '') as postal_code,
    country_code(customer.address.country) as country,
    nullif(customer.address.country, '') as country_raw,
    language_tag(customer.preferred_locales[1]) as locale,
    customer.delinquent as is_delinquent
from parsed
where customer.test_clock is null and moment(customer.created) <= getvariable('as_of');

create temp table test_customers as
select id from body_of('customers') where body ->> '$.test_clock' is not null;

create temp table payments as
with parsed as (
    select id, from_json(body, '{
        "created": "BIGINT", "invoice": "VARCHAR", "amount_paid": "BIGINT", "status": "VARCHAR",
        "status_transitions": {"paid_at": "BIGINT"},
        "payment": {"charge": "VARCHAR", "payment_intent": "VARCHAR"}
    }') as payment
    from body_of('invoice_payments')
)
select
    id,
    payment.created,
    payment.invoice,
    coalesce(payment.amount_paid, 0) as amount_paid,
    case when payment.status = 'paid' then moment(payment.status_transitions.paid_at) end as paid_at,
    payment.payment.charge as charge,
    payment.payment.payment_intent as payment_intent
from parsed;

create temp table charges as
with parsed as (
    select id, is_deleted, from_json(body, '{
        "created": "BIGINT", "customer": "VARCHAR", "payment_intent": "VARCHAR",
        "status": "VARCHAR", "captured": "BOOLEAN", "currency": "VARCHAR",
        "amount_captured": "BIGINT",
        "payment_method_details": {"card": {"exp_year": "BIGINT", "exp_month": "BIGINT"}},
        "source": {"exp_year": "BIGINT", "exp_month": "BIGINT"}
    }') as charge
    from body_of('charges')
)
select id, is_deleted, unnest(charge) from parsed;

create temp table sessions as
with parsed as (
    select id, is_deleted, from_json(body, '{
        "created": "BIGINT", "expires_at": "BIGINT", "customer": "VARCHAR", "status": "VARCHAR",
        "payment_status": "VARCHAR", "payment_intent": "VARCHAR",
        "after_expiration": {"recovery": {"url": "VARCHAR", "expires_at": "BIGINT"}},
        "discounts": [{"coupon": "VARCHAR", "promotion_code": "VARCHAR"}],
        "line_items": {"data": [{"quantity": "BIGINT"}]}
    }') as session
    from body_of('checkout_sessions')
)
select
    id,
    moment(session.created) as created_at,
    moment(session.expires_at) as expires_at,
    session.customer,
    session.status,
    session.payment_status,
    session.payment_intent,
    session.after_expiration.recovery.url as recovery_url,
    moment(session.after_expiration.recovery.expires_at) as recovery_expires_at,
    session.discounts,
    list_sum(list_transform(session.line_items.data, lambda item: coalesce(item.quantity, 1)))
        as quantity
from parsed
where not is_deleted and moment(session.created) <= getvariable('as_of');

create temp table coupons as
select id, nullif(body ->> '$.name', '') as name from body_of('coupons');

set variable coupon_of = (
    select map(list(id), list(body ->> '$.promotion.coupon')) from body_of('promotion_codes')
);

create temp table products as
select id, body ->> '$.name' as name from body_of('products');

create temp table parsed_subscriptions as
with parsed as (
    select id, is_deleted, from_json(body, '{
        "created": "BIGINT", "customer": "VARCHAR", "test_clock": "VARCHAR", "status": "VARCHAR",
        "pause_collection": {"behavior": "VARCHAR"}, "currency": "VARCHAR",
        "start_date": "BIGINT", "trial_start": "BIGINT", "trial_end": "BIGINT",
        "cancel_at": "BIGINT", "cancel_at_period_end": "BOOLEAN", "canceled_at": "BIGINT",
        "ended_at": "BIGINT",
        "items": {"data": [{"id": "VARCHAR", "current_period_end": "BIGINT", "price": {
            "id": "VARCHAR", "nickname": "VARCHAR", "product": "VARCHAR",
            "recurring": {"usage_type": "VARCHAR"}
        }}]}
    }') as subscription
    from body_of('subscriptions')
)
select id, is_deleted, unnest(subscription) from parsed;

create temp table items as
select id as subscription, unnest(items.data) as item
from parsed_subscriptions
where not is_deleted;

create temp table metered as
select item.price.id as price from items where item.price.recurring.usage_type = 'metered'
union
select id from body_of('prices') where body ->> '$.recurring.usage_type' = 'metered';

create temp table invoices as
with parsed as (
    select id, is_deleted, from_json(body, '{
        "created": "BIGINT", "customer": "VARCHAR", "test_clock": "VARCHAR", "status": "VARCHAR",
        "status_transitions": {"paid_at": "BIGINT", "voided_at": "BIGINT"},
        "currency": "VARCHAR", "subtotal": "BIGINT", "total": "BIGINT",
        "total_excluding_tax": "BIGINT", "amount_paid": "BIGINT",
        "amount_remaining": "BIGINT", "due_date": "BIGINT",
        "parent": {"subscription_details": {"subscription": "VARCHAR"}},
        "discounts": [{"source": {"coupon": "VARCHAR"}}],
        "lines": {"data": [{
            "amount": "BIGINT", "quantity": "BIGINT", "quantity_decimal": "VARCHAR",
            "parent": {"invoice_item_details": {"proration": "BOOLEAN"},
                       "subscription_item_details": {"proration": "BOOLEAN"}},
            "pricing": {"price_details": {"price": "VARCHAR"}}
        }]}
    }') as invoice
    from body_of('invoices')
),
prices as (
    select list(price) as metered from metered
)
select
    id,
    invoice.customer,
    invoice.status,
    moment(invoice.created) as created_at,
    coalesce(
        moment(invoice.status_transitions.paid_at),
        case when invoice.status = 'paid' then coalesce(
            (select max(paid_at) from payments where payments.invoice = parsed.id),
            moment(invoice.created)
        ) end
    ) as paid_at,
    moment(invoice.status_transitions.voided_at) as voided_at,
    lower(invoice.currency) as currency,
    invoice.total,
    coalesce(invoice.total_excluding_tax, invoice.total) as total_excluding_tax,
    invoice.amount_paid,
    invoice.amount_remaining,
    moment(invoice.due_date) as due_at,
    invoice.parent.subscription_details.subscription,
    list_filter(
        list_transform(invoice.discounts, lambda discount: discount.source.coupon),
        lambda coupon: coupon is not null
    ) as coupons,
    case when invoice.status = 'paid' then coalesce(list_sum(list_transform(
        list_filter(invoice.lines.data, lambda line: line.amount > 0
            and not coalesce(line.parent.invoice_item_details.proration, false)
            and not coalesce(line.parent.subscription_item_details.proration, false)
        ),
        lambda line: case
            when list_contains(prices.metered, line.pricing.price_details.price) then 1
            else coalesce(
                cast(ceil(try_cast(line.quantity_decimal as decimal(38, 12))) as bigint),
                line.quantity, 1
            )
        end
    )), 0) else 0 end as quantity
from parsed cross join prices
where
    not is_deleted
    and (invoice.subtotal > 0 or invoice.total > 0 or invoice.amount_paid > 0)
    and invoice.test_clock is null
    and moment(invoice.created) <= getvariable('as_of')
    and not exists (select 1 from test_customers where test_customers.id = invoice.customer);

-- ------------------------------------------------------------------- orders and what went back

create temp table placed as
with bought as (
    select
        payment_intent,
        arg_max(quantity, (created_at, id)) as quantity,
        arg_max(discounts, (created_at, id)) as discounts
    from sessions
    where payment_intent is not null
    group by payment_intent
),
together as (
    select
        id as order_id,
        customer as stripe_customer_id,
        'invoice' as order_source,
        status as order_status,
        created_at as ordered_at,
        case when paid_at <= getvariable('as_of') then paid_at end as paid_at,
        case when voided_at <= getvariable('as_of') then voided_at end as voided_at,
        currency,
        total as order_total_minor,
        total_excluding_tax as order_total_excluding_tax_minor,
        cast(quantity as bigint) as items_purchased,
        amount_paid as collected_minor,
        coupons,
        null as payment_intent
    from invoices

    union all

    select
        charges.id,
        charges.customer,
        'payment',
        'paid',
        moment(charges.created),
        moment(charges.created),
        null,
        lower(charges.currency),
        charges.amount_captured,
        charges.amount_captured,
        cast(coalesce(bought.quantity, 1) as bigint),
        charges.amount_captured,
        list_filter(list_transform(bought.discounts, lambda discount: coalesce(
            discount.coupon, getvariable('coupon_of')[discount.promotion_code]
        )), lambda coupon: coupon is not null),
        charges.payment_intent
    from charges
    left join bought on charges.payment_intent = bought.payment_intent
    where
        not charges.is_deleted
        and charges.status = 'succeeded'
        and charges.captured
        and moment(charges.created) <= getvariable('as_of')
        and not exists (select 1 from payments where payments.charge = charges.id)
        and not exists (
            select 1 from payments where payments.payment_intent = charges.payment_intent
        )
        and not exists (select 1 from test_customers where test_customers.id = charges.customer)
)
select
    together.*,
    coalesce(order_status in ('open', 'paid', 'uncollectible'), false) as is_counted,
    coalesce(currencies.exponent, 2) as exponent
from together
left join currencies on together.currency = currencies.currency;

create temp table adjustments as
with given as (
    select
        id, 'refund' as adjustment_type, body ->> '$.charge' as charge,
        body ->> '$.payment_intent' as payment_intent, body ->> '$.status' as status,
        coalesce(status, '') not in ('failed', 'canceled') as is_counted,
        id in (
            select ever.id from ever('refunds') as ever
            where coalesce(ever.status, '') not in ('failed', 'canceled')
        ) as was_counted,
        is_deleted, cast(body ->> '$.created' as bigint) as created,
        body ->> '$.currency' as currency, cast(body ->> '$.amount' as bigint) as amount
    from body_of('refunds')

    union all

    select
        id, 'dispute', body ->> '$.charge', body ->> '$.payment_intent', body ->> '$.status' as status,
        coalesce(status, '') = 'lost',
        id in (select ever.id from ever('disputes') as ever where ever.status = 'lost'),
        is_deleted, cast(body ->> '$.created' as bigint), body ->> '$.currency',
        cast(body ->> '$.amount' as bigint)
    from body_of('disputes')
),
found as (
    select
        given.id, adjustment_type, moment(given.created) as adjusted_at, charge,
        coalesce(given.payment_intent, charges.payment_intent) as payment_intent,
        lower(given.currency) as currency, amount, is_counted
    from given
    left join charges on given.charge = charges.id
    where
        was_counted and not given.is_deleted and amount > 0
        and moment(given.created) <= getvariable('as_of')
),
links as (
    select found.id, payments.id as payment
    from found join payments on found.charge = payments.charge
    union
    select found.id, payments.id
    from found join payments on found.payment_intent = payments.payment_intent
),
weighed as (
    select
        links.id,
        payments.invoice,
        payments.amount_paid,
        sum(payments.amount_paid) over (partition by links.id) as paid,
        row_number() over (
            partition by links.id order by payments.created desc, payments.id desc
        ) = 1 as is_last
    from links join payments on links.payment = payments.id
),
floors as (
    select
        weighed.*,
        found.amount,
        case when is_last or paid = 0 then 0 else pro_rata(found.amount, amount_paid, paid) end
            as part
    from weighed join found on weighed.id = found.id
),
shares as (
    select
        id,
        invoice as order_id,
        case when is_last then amount - sum(part) over (partition by id) else part end as amount
    from floors

    union all

    select found.id, placed.order_id, found.amount
    from found
    join placed
        on placed.order_source = 'payment'
        and (found.charge = placed.order_id)

    union all

    select found.id, placed.order_id, found.amount
    from found
    join placed
        on placed.order_source = 'payment'
        and found.payment_intent = placed.payment_intent
    where found.charge is null
),
together as (
    select
        shares.id, shares.order_id, adjustment_type, adjusted_at, currency, is_counted,
        shares.amount
    from shares join found on shares.id = found.id

    union all

    select
        id, body ->> '$.invoice', 'credit_note', moment(cast(body ->> '$.created' as bigint)),
        lower(body ->> '$.currency'), coalesce(body ->> '$.status', '') = 'issued',
        cast(body ->> '$.out_of_band_amount' as bigint)
    from body_of('credit_notes')
    where
        not is_deleted
        and id in (select ever.id from ever('credit_notes') as ever where ever.status = 'issued')
        and moment(cast(body ->> '$.created' as bigint)) <= getvariable('as_of')
)
select
    together.id as adjustment_id,
    together.order_id,
    placed.stripe_customer_id,
    together.adjustment_type,
    together.adjusted_at,
    together.currency,
    together.is_counted,
    coalesce(currencies.exponent, 2) as exponent,
    placed.currency as order_currency,
    placed.exponent as order_exponent,
    cast(sum(together.amount) as bigint) as amount_minor
from together
join placed on together.order_id = placed.order_id
left join currencies on together.currency = currencies.currency
where together.amount > 0
group by all;

create temp table rates as
select * from read_csv(getvariable('rates'), header = true, columns = {
    'day': 'DATE', 'currency': 'VARCHAR', 'rate': 'DECIMAL(38, 18)'
});

create macro rate_on(asked, exponent, asked_day) as
cast(cast(cast(
    case when asked = 'usd' then 1 else (
        select arg_max(rate, day) from rates where currency = asked and day <= asked_day
    ) end as decimal(38, 18)
) * 1000000000 as decimal(38, 9)) * 1000000000 as hugeint)
* case 2 - exponent when 2 then 100000 when 0 then 1000 when -1 then 100 end;

alter table adjustments add column in_order_minor bigint;
update adjustments set in_order_minor = case
    when currency = order_currency then amount_minor
    else half_up(
        amount_minor * rate_on(currency, exponent, cast(adjusted_at as date)),
        rate_on(order_currency, order_exponent, cast(adjusted_at as date))
    )
end;

create table marts.order_adjustments as
select
    adjustment_id, order_id, stripe_customer_id, adjustment_type, adjusted_at, currency,
    major(amount_minor, exponent) as amount, amount_minor
from adjustments
where is_counted;

create table marts.orders as
with back as (
    select
        order_id,
        coalesce(sum(in_order_minor) filter (where adjustment_type <> 'dispute'), 0) as refunded,
        coalesce(sum(in_order_minor) filter (where adjustment_type = 'dispute'), 0) as disputed
    from adjustments
    where is_counted
    group by order_id
),
amounts as (
    select
        placed.*,
        cast(coalesce(back.refunded, 0) as bigint) as refunded_minor,
        cast(coalesce(back.disputed, 0) as bigint) as disputed_minor,
        cast(collected_minor - coalesce(back.refunded, 0) - coalesce(back.disputed, 0) as bigint)
            as net_minor
    from placed left join back on placed.order_id = back.order_id
)
select
    order_id, stripe_customer_id, order_source, order_status, ordered_at, paid_at, voided_at,
    currency,
    major(order_total_minor, exponent) as order_total,
    major(order_total_excluding_tax_minor, exponent) as order_total_excluding_tax,
    is_counted,
    items_purchased,
    major(collected_minor, exponent) as collected,
    major(refunded_minor, exponent) as refunded,
    major(disputed_minor, exponent) as disputed,
    major(net_minor, exponent) as net,
    order_total_minor, order_total_excluding_tax_minor, collected_minor, refunded_minor,
    disputed_minor, net_minor
from amounts;

-- ----------------------------------------------------------------------------------- sales

create temp table facts as
with given as (
    select
        'collected' as fact, order_id, stripe_customer_id, currency, exponent,
        cast(ordered_at as date) as day, collected_minor as amount
    from placed
    where collected_minor <> 0

    union all

    select
        adjustment_type, order_id, stripe_customer_id, currency, exponent,
        cast(adjusted_at as date), -amount_minor
    from adjustments
    where is_counted
),
days as (
    select distinct currency, exponent, day from given
),
rates as (
    select
        days.currency,
        days.day,
        cast(cast(cast(
            case when days.currency = 'usd' then 1 else rates.rate end as decimal(38, 18)
        ) * 1000000000 as decimal(38, 9)) * 1000000000 as hugeint)
        * case 2 - days.exponent when 2 then 100000 when 0 then 1000 when -1 then 100 end as e21
    from days
    asof left join rates on days.currency = rates.currency and days.day >= rates.day
)
select
    given.fact, given.order_id, given.stripe_customer_id, rates.e21,
    given.amount * rates.e21 as sales
from given join rates on given.currency = rates.currency and given.day = rates.day;

-- ------------------------------------------------------------------------------------ loyalty

create table marts.loyalty_ledger as
with rules as (
    select
        rule, version, effective_from, cast(points as decimal(18, 6)) as points,
        lead(effective_from) over (partition by rule order by effective_from) as effective_until
    from read_csv(getvariable('seeds') || '/loyalty_rules.csv')
),
paid as (
    select placed.*, facts.e21
    from placed
    left join facts on placed.order_id = facts.order_id and facts.fact = 'collected'
    where
        placed.stripe_customer_id is not null
        and placed.paid_at is not null
        and placed.order_status in ('paid', 'void')
),
activities as (
    select
        'customer_created' as rule, stripe_customer_id, stripe_customer_id as source_id,
        null as order_id, created_at as occurred_at, null as collected, null as total,
        null as taxless, null as e21
    from customers

    union all

    select
        'order_paid', stripe_customer_id, order_id, order_id, paid_at, collected_minor,
        case when order_total_minor = 0 then 1 else order_total_minor end,
        case when order_total_minor = 0 then 1 else order_total_excluding_tax_minor end, e21
    from paid

    union all

    select
        'first_order_paid', stripe_customer_id, arg_min(order_id, (paid_at, order_id)),
        arg_min(order_id, (paid_at, order_id)), min(paid_at), null, null, null, null
    from paid
    group by stripe_customer_id
),
priced as (
    select
        activities.*,
        rules.version as rule_version,
        case
            when activities.rule = 'order_paid' then cast((
                cast(collected as hugeint) * taxless // total
                * (e21 * cast(rules.points * 10000 as hugeint))
                + cast(collected as hugeint) * taxless % total
                * (e21 * cast(rules.points * 10000 as hugeint)) // total
            ) // 1000000000000000000000000000 as bigint)
            else cast(floor(rules.points) as bigint)
        end as points
    from activities
    join rules
        on activities.rule = rules.rule
        and cast(activities.occurred_at as date) >= rules.effective_from
        and (effective_until is null or cast(activities.occurred_at as date) < effective_until)
),
earned as (
    select
        sha256(concat(rule, '|', rule_version, '|', source_id, '|', 'earn')) as entry_id, *
    from priced
    where points > 0
),
given_back as (
    select order_id, adjustment_id, adjusted_at, in_order_minor as amount_minor, is_counted
    from adjustments
    union all
    select order_id, order_id, coalesce(voided_at, paid_at), collected_minor, true
    from placed
    where order_status = 'void'
),
running as (
    select
        given_back.*,
        placed.collected_minor as collected,
        coalesce(sum(case when given_back.is_counted then amount_minor else 0 end) over (
            partition by given_back.order_id order by adjusted_at, adjustment_id
            rows between unbounded preceding and 1 preceding
        ), 0) as before
    from given_back
    join placed on given_back.order_id = placed.order_id
    where placed.collected_minor > 0
),
reversed as (
    select
        earned.entry_id, earned.stripe_customer_id, earned.rule, earned.rule_version,
        earned.occurred_at as earned_at, running.adjustment_id as source_id,
        running.adjusted_at as occurred_at, running.is_counted,
        pro_rata(earned.points, least(before + amount_minor, running.collected), running.collected)
        - pro_rata(earned.points, least(before, running.collected), running.collected) as points,
        sha256(concat(
            rule, '|', rule_version, '|', adjustment_id, '|', 'reverse', '|', entry_id
        )) as reversal_id
    from running
    join earned on running.order_id = earned.order_id
)
select
    entry_id, stripe_customer_id, points, 'earn' as movement, occurred_at,
    occurred_at as matures_at, cast(null as timestamp) as expires_at, rule, rule_version,
    source_id, cast(null as varchar) as reverses_entry_id
from earned
union all
select
    reversal_id, stripe_customer_id, -points, 'reverse', occurred_at,
    greatest(occurred_at, earned_at), null, rule, rule_version, source_id, entry_id
from reversed
where points > 0
union all
select
    sha256(concat(rule, '|', rule_version, '|', source_id, '|', 'reverse', '|', reversal_id)),
    stripe_customer_id, points, 'reverse', occurred_at, greatest(occurred_at, earned_at), null,
    rule, rule_version, source_id, reversal_id
from reversed
where points > 0 and not is_counted;

create table marts.loyalty_balances as
select
    stripe_customer_id,
    cast(sum(points) as bigint) as balance,
    cast(coalesce(sum(points) filter (where matures_at <= getvariable('as_of')), 0) as bigint)
        as available,
    cast(coalesce(sum(points) filter (where movement = 'earn'), 0) as bigint) as earned,
    cast(coalesce(-sum(points) filter (where movement = 'reverse'), 0) as bigint) as reversed,
    max(occurred_at) as last_movement_at
from marts.loyalty_ledger
group by stripe_customer_id;

-- -------------------------------------------------------------------------------- subscriptions

create table marts.subscriptions as
with plans as (
    select
        items.subscription,
        list_sort(list(distinct coalesce(products.name, item.price.nickname)) filter (
            where coalesce(products.name, item.price.nickname) is not null
        )) as plan_names,
        moment(min(item.current_period_end)) as period_end
    from items
    left join products on items.item.price.product = products.id
    group by items.subscription
)
select
    parsed.id as subscription_id,
    customer as stripe_customer_id,
    status as subscription_status,
    case
        when pause_collection is not null and status in ('active', 'trialing', 'past_due')
            then 'paused'
        when status in ('active', 'trialing', 'past_due', 'paused', 'canceled') then status
    end as counted_status,
    pause_collection is not null as has_paused_collection,
    lower(currency) as currency,
    coalesce(plans.plan_names, []) as plan_names,
    moment(created) as created_at,
    moment(start_date) as started_at,
    moment(trial_start) as trial_started_at,
    moment(trial_end) as trial_ends_at,
    plans.period_end as current_period_ends_at,
    coalesce(moment(cancel_at), case when cancel_at_period_end then plans.period_end end)
        as cancels_at,
    coalesce(cancel_at_period_end, false) as is_cancelled_at_period_end,
    case when moment(canceled_at) <= getvariable('as_of') then moment(canceled_at) end
        as cancellation_requested_at,
    case when moment(ended_at) <= getvariable('as_of') then moment(ended_at) end as ended_at
from parsed_subscriptions as parsed
left join plans on parsed.id = plans.subscription
where
    not is_deleted
    and moment(created) <= getvariable('as_of')
    and test_clock is null
    and not exists (select 1 from test_customers where test_customers.id = customer);

-- ------------------------------------------------------------------------------------- profiles

create table marts.customer_profiles as
with ordered as (
    select
        stripe_customer_id,
        coalesce(sum(items_purchased) filter (where order_status = 'paid'), 0) as order_products,
        count(*) filter (where is_counted) as total_orders,
        arg_max({
            'status': order_status, 'value': order_total, 'value_minor': order_total_minor,
            'currency': currency, 'ordered_at': ordered_at
        }, (ordered_at, order_id)) as last_order,
        min(ordered_at) as first_ordered_at,
        max(ordered_at) filter (where is_counted) as last_counted_at,
        half_up(
            date_diff(
                'day', cast(min(ordered_at) filter (where is_counted) as date),
                cast(max(ordered_at) filter (where is_counted) as date)
            ),
            nullif(count(*) filter (where is_counted), 1) - 1
        ) as cadence_days,
        max(paid_at) filter (where order_status = 'paid') as last_paid_at
    from marts.orders
    where stripe_customer_id is not null
    group by stripe_customer_id
),
sales as (
    select
        stripe_customer_id,
        case when count(*) = count(sales) then rounded(coalesce(sum(sales), 0)) end as total,
        case when count(*) filter (where fact = 'collected' and sales is null) = 0
            then rounded(coalesce(sum(sales) filter (where fact = 'collected'), 0)) end as gross,
        case when count(*) filter (where fact in ('refund', 'credit_note') and sales is null) = 0
            then -rounded(coalesce(sum(sales) filter (
                where fact in ('refund', 'credit_note')
            ), 0)) end as refunded
    from facts
    group by stripe_customer_id
),
nets as (
    select stripe_customer_id, currency, sum(net) as net
    from marts.orders
    group by all
    having sum(net_minor) <> 0
),
by_currency as (
    select
        stripe_customer_id,
        map_from_entries(list({'currency': currency, 'amount': net} order by currency)) as amounts
    from nets
    group by stripe_customer_id
),
used as (
    select
        placed.stripe_customer_id,
        list_sort(list(distinct coalesce(coupons.name, placed.coupon))) as coupons_used
    from (
        select stripe_customer_id, unnest(coupons) as coupon from placed where is_counted
    ) as placed
    left join coupons on placed.coupon = coupons.id
    group by placed.stripe_customer_id
),
subscribed as (
    select
        stripe_customer_id,
        count(*) filter (where counted_status = 'active') as active,
        count(*) filter (where counted_status = 'canceled') as cancelled,
        count(*) filter (where counted_status = 'paused') as paused,
        count(*) filter (where counted_status = 'trialing') as trial,
        count(*) filter (where counted_status = 'past_due') as past_due,
        list_sort(list_distinct(flatten(coalesce(list(plan_names) filter (
            where counted_status in ('active', 'trialing', 'past_due', 'paused')
        ), [])))) as plan_names,
        min(current_period_ends_at) filter (
            where counted_status in ('active', 'past_due')
            and current_period_ends_at > getvariable('as_of')
            and coalesce(cancels_at > current_period_ends_at, true)
        ) as next_renewal_at,
        min(trial_ends_at) filter (
            where counted_status = 'trialing' and trial_ends_at > getvariable('as_of')
        ) as trial_ends_at,
        min(cancels_at) filter (
            where counted_status in ('active', 'trialing', 'past_due')
            and cancels_at > getvariable('as_of')
        ) as cancels_at
    from marts.subscriptions
    where stripe_customer_id is not null
    group by stripe_customer_id
),
bought as (
    select stripe_customer_id, max(bought_at) as bought_at
    from (
        select stripe_customer_id, ordered_at as bought_at from marts.orders where is_counted
        union all
        select customer, created_at from sessions where status = 'complete'
    )
    group by stripe_customer_id
),
cards as (
    select
        customer,
        arg_max(coalesce(
            last_day(make_date(
                payment_method_details.card.exp_year, payment_method_details.card.exp_month, 1
            )),
            last_day(make_date(source.exp_year, source.exp_month, 1))
        ), (created, id)) as expires_on
    from charges
    where not is_deleted and status = 'succeeded' and moment(created) <= getvariable('as_of')
    group by customer
),
abandoned as (
    select
        sessions.customer,
        max(expires_at) as abandoned_at,
        arg_max(
            {'url': case when recovery_expires_at > getvariable('as_of') then recovery_url end},
            (expires_at, id)
        ).url as url
    from sessions
    left join bought on sessions.customer = bought.stripe_customer_id
    where
        status = 'expired'
        and payment_status = 'unpaid'
        and expires_at <= getvariable('as_of')
        and (bought.bought_at is null or bought.bought_at <= sessions.created_at)
    group by sessions.customer
)
select
    customers.stripe_customer_id, email, full_name, first_name, last_name, phone, phone_raw,
    address_line1, address_line2, city, region, postal_code, country, country_raw, locale, created_at,
    cast(coalesce(ordered.order_products, 0) as bigint) as stripe_order_products,
    coalesce(ordered.total_orders, 0) as stripe_total_orders,
    case when sales.stripe_customer_id is null then 0 else sales.total end
        as stripe_total_sales_minor,
    major(stripe_total_sales_minor, 2) as stripe_total_sales,
    ordered.last_order.status as stripe_order_status,
    ordered.last_order.value as stripe_order_last_value,
    ordered.last_order.value_minor as stripe_order_last_value_minor,
    ordered.last_order.ordered_at as stripe_last_create_order_date,
    ordered.first_ordered_at as stripe_first_create_order_date,
    ordered.last_order.currency as stripe_order_last_currency,
    cast(coalesce(by_currency.amounts, map {}) as map(varchar, decimal(18, 3)))
        as stripe_sales_by_currency,
    case when sales.stripe_customer_id is null then 0 else sales.gross end
        as stripe_gross_sales_minor,
    major(stripe_gross_sales_minor, 2) as stripe_gross_sales,
    case when sales.stripe_customer_id is null then 0 else sales.refunded end
        as stripe_refunded_minor,
    major(stripe_refunded_minor, 2) as stripe_refunded,
    half_up(stripe_total_sales_minor, nullif(ordered.total_orders, 0))
        as stripe_average_order_value_minor,
    major(stripe_average_order_value_minor, 2) as stripe_average_order_value,
    ordered.cadence_days as stripe_order_cadence_days,
    ordered.last_paid_at as stripe_last_paid_order_at,
    ordered.last_counted_at as stripe_last_counted_order_at,
    date_diff('day', cast(ordered.last_counted_at as date), cast(getvariable('as_of') as date))
        as stripe_days_since_last_order,
    coalesce(used.coupons_used, []) as stripe_coupons_used,
    'invoices, payments, refunds, disputes, credit notes' as stripe_sales_basis,
    coalesce(subscribed.active, 0) as stripe_subscription_active,
    coalesce(subscribed.cancelled, 0) as stripe_subscription_cancelled,
    coalesce(subscribed.paused, 0) as stripe_subscription_paused,
    coalesce(subscribed.trial, 0) as stripe_subscription_trial,
    coalesce(subscribed.past_due, 0) as stripe_subscription_past_due,
    coalesce(subscribed.plan_names, []) as stripe_plan_names,
    subscribed.next_renewal_at as stripe_next_renewal_at,
    subscribed.trial_ends_at as stripe_trial_ends_at,
    subscribed.cancels_at as stripe_cancels_at,
    is_delinquent as stripe_delinquent,
    cards.expires_on as stripe_card_expires_on,
    abandoned.abandoned_at as stripe_abandoned_checkout_at,
    abandoned.url as stripe_abandoned_checkout_url,
    coalesce(points.available, 0) as stripe_loyalty_points
from customers
left join ordered on customers.stripe_customer_id = ordered.stripe_customer_id
left join sales on customers.stripe_customer_id = sales.stripe_customer_id
left join by_currency on customers.stripe_customer_id = by_currency.stripe_customer_id
left join used on customers.stripe_customer_id = used.stripe_customer_id
left join subscribed on customers.stripe_customer_id = subscribed.stripe_customer_id
left join cards on customers.stripe_customer_id = cards.customer
left join abandoned on customers.stripe_customer_id = abandoned.customer
left join marts.loyalty_balances as points
    on customers.stripe_customer_id = points.stripe_customer_id
where not customers.is_deleted;

-- ------------------------------------------------------------------------------------- segments

create table marts.segment_members as
with profiles as (
    select * from marts.customer_profiles
),
ending as (
    select stripe_customer_id, min(trial_ends_at) as trial_ends_at
    from marts.subscriptions
    where
        counted_status = 'trialing'
        and trial_ends_at > getvariable('as_of')
        and trial_ends_at <= getvariable('as_of') + interval 3 day
        and not is_cancelled_at_period_end
        and (cancels_at is null or cancels_at > trial_ends_at)
    group by stripe_customer_id
),
attempts as (
    select
        id, customer, payment_intent, moment(created) as attempted_at, status = 'failed' as has_failed
    from charges
    where
        not is_deleted and status in ('failed', 'succeeded')
        and moment(created) <= getvariable('as_of')
),
tried as (
    select
        customer as stripe_customer_id,
        max(attempted_at) filter (where has_failed) as failed_at,
        max(attempted_at) filter (where not has_failed) as succeeded_at
    from attempts
    group by customer
),
failed_links as (
    select attempts.id, payments.id as payment
    from attempts join payments on attempts.id = payments.charge
    where has_failed
    union
    select attempts.id, payments.id
    from attempts join payments on attempts.payment_intent = payments.payment_intent
    where has_failed
),
failed_invoices as (
    select arg_min(payments.invoice, (payments.created, payments.id)) as invoice
    from failed_links
    join payments on failed_links.payment = payments.id
    join invoices on payments.invoice = invoices.id
    group by failed_links.id
),
unpaid as (
    select
        customer as stripe_customer_id,
        arg_min(
            major(amount_remaining, coalesce(exponent, 2)), (created_at, id)
        ) as amount
    from invoices
    left join currencies on invoices.currency = currencies.currency
    where
        status = 'open' and amount_remaining > 0
        and (due_at < getvariable('as_of') or id in (select invoice from failed_invoices))
    group by customer
),
converted as (
    select
        subscriptions.stripe_customer_id,
        min(trial_ends_at) as trial_ended_at,
        min(paid_at) as paid_at
    from marts.subscriptions as subscriptions
    join invoices on subscriptions.subscription_id = invoices.subscription
    where
        counted_status = 'active'
        and trial_ends_at between getvariable('as_of') - interval 30 day and getvariable('as_of')
        and invoices.status = 'paid' and invoices.total > 0
        and paid_at between trial_ends_at and getvariable('as_of')
    group by subscriptions.stripe_customer_id
),
members as (
    select 'lapsed_6_months' as segment, stripe_customer_id, json_object(
        'stripe_total_orders', stripe_total_orders,
        'last_counted_order_at', stripe_last_counted_order_at,
        'ordered_before', getvariable('as_of') - interval 6 month
    ) as why
    from profiles
    where stripe_last_counted_order_at < getvariable('as_of') - interval 6 month
    union all
    select 'new_customers', stripe_customer_id, json_object(
        'created_at', created_at, 'created_since', getvariable('as_of') - interval 30 day
    )
    from profiles where created_at >= getvariable('as_of') - interval 30 day
    union all
    select
        'one_time_buyers', stripe_customer_id,
        json_object('stripe_total_orders', stripe_total_orders)
    from profiles where stripe_total_orders = 1
    union all
    select
        'repeat_buyers', stripe_customer_id,
        json_object('stripe_total_orders', stripe_total_orders, 'stripe_total_orders_at_least', 2)
    from profiles where stripe_total_orders >= 2
    union all
    select 'vip', stripe_customer_id, json_object(
        'stripe_total_sales', stripe_total_sales, 'minimum_sales', cast(500 as decimal(18, 3))
    )
    from profiles where stripe_total_sales >= 500
    union all
    select 'trial_ending', profiles.stripe_customer_id, json_object(
        'trial_ends_at', ending.trial_ends_at, 'until', getvariable('as_of') + interval 3 day
    )
    from profiles join ending on profiles.stripe_customer_id = ending.stripe_customer_id
    union all
    select 'payment_failed', profiles.stripe_customer_id, json_object(
        'failed_at', failed_at, 'failed_since', getvariable('as_of') - interval 7 day
    )
    from profiles join tried on profiles.stripe_customer_id = tried.stripe_customer_id
    where
        failed_at >= getvariable('as_of') - interval 7 day
        and (succeeded_at is null or succeeded_at < failed_at)
    union all
    select
        'unpaid_invoice', profiles.stripe_customer_id,
        json_object('stripe_unpaid_invoice_amount', unpaid.amount)
    from profiles join unpaid on profiles.stripe_customer_id = unpaid.stripe_customer_id
    union all
    select 'trial_converted', profiles.stripe_customer_id, json_object(
        'trial_ended_at', trial_ended_at,
        'trial_ended_since', getvariable('as_of') - interval 30 day,
        'paid_at', paid_at
    )
    from profiles join converted on profiles.stripe_customer_id = converted.stripe_customer_id
    union all
    select
        'past_due', stripe_customer_id,
        json_object('stripe_subscription_past_due', stripe_subscription_past_due)
    from profiles where stripe_subscription_past_due > 0
    union all
    select 'cancelled', stripe_customer_id, json_object(
        'stripe_subscription_cancelled', stripe_subscription_cancelled,
        'stripe_subscription_active', stripe_subscription_active,
        'stripe_subscription_trial', stripe_subscription_trial,
        'stripe_subscription_past_due', stripe_subscription_past_due,
        'stripe_subscription_paused', stripe_subscription_paused
    )
    from profiles
    where
        stripe_subscription_cancelled > 0 and stripe_subscription_active = 0
        and stripe_subscription_trial = 0 and stripe_subscription_past_due = 0
        and stripe_subscription_paused = 0
    union all
    select 'abandoned_checkout', stripe_customer_id, json_object(
        'abandoned_at', stripe_abandoned_checkout_at,
        'abandoned_since', getvariable('as_of') - interval 7 day
    )
    from profiles where stripe_abandoned_checkout_at >= getvariable('as_of') - interval 7 day
    union all
    select 'at_risk', stripe_customer_id, json_object(
        'stripe_total_orders', stripe_total_orders, 'stripe_total_orders_at_least', 3,
        'stripe_days_since_last_order', stripe_days_since_last_order,
        'stripe_days_since_last_order_more_than', 2 * stripe_order_cadence_days,
        'not_in_lapsed_6_months', true
    )
    from profiles
    where
        stripe_total_orders >= 3 and stripe_days_since_last_order > 2 * stripe_order_cadence_days
        and stripe_last_counted_order_at >= getvariable('as_of') - interval 6 month
    union all
    select 'top_5_percent', stripe_customer_id, json_object(
        'stripe_total_sales', stripe_total_sales, 'stripe_total_sales_top_percent', 5
    )
    from (
        select *, row_number() over (order by stripe_total_sales desc, stripe_customer_id) as place
        from profiles
        where stripe_total_sales > 0
    )
    where place <= (select (count(*) + 19) // 20 from profiles where stripe_total_sales > 0)
    union all
    select
        'cancelled_high_value', stripe_customer_id, json_object('in_cancelled', true, 'in_vip', true)
    from profiles
    where
        stripe_subscription_cancelled > 0 and stripe_subscription_active = 0
        and stripe_subscription_trial = 0 and stripe_subscription_past_due = 0
        and stripe_subscription_paused = 0 and stripe_total_sales >= 500
    union all
    select 'paused', stripe_customer_id, json_object(
        'stripe_subscription_paused', stripe_subscription_paused,
        'stripe_subscription_active', stripe_subscription_active,
        'stripe_subscription_trial', stripe_subscription_trial,
        'stripe_subscription_past_due', stripe_subscription_past_due
    )
    from profiles
    where
        stripe_subscription_paused > 0 and stripe_subscription_active = 0
        and stripe_subscription_trial = 0 and stripe_subscription_past_due = 0
    union all
    select 'renewal_ahead', stripe_customer_id, json_object(
        'stripe_next_renewal_at', stripe_next_renewal_at,
        'stripe_next_renewal_at_until', getvariable('as_of') + interval 7 day
    )
    from profiles
    where
        stripe_next_renewal_at > getvariable('as_of')
        and stripe_next_renewal_at <= getvariable('as_of') + interval 7 day
    union all
    select 'card_expiring', stripe_customer_id, json_object(
        'stripe_card_expires_on', stripe_card_expires_on,
        'stripe_card_expires_on_until', cast(getvariable('as_of') + interval 30 day as date),
        'stripe_subscription_active', nullif(stripe_subscription_active, 0),
        'stripe_subscription_trial', nullif(stripe_subscription_trial, 0),
        'stripe_subscription_past_due', nullif(stripe_subscription_past_due, 0)
    )
    from profiles
    where
        stripe_card_expires_on >= cast(getvariable('as_of') as date)
        and stripe_card_expires_on <= cast(getvariable('as_of') + interval 30 day as date)
        and stripe_subscription_active + stripe_subscription_trial + stripe_subscription_past_due > 0
    union all
    select 'coupon_only_buyers', stripe_customer_id, json_object(
        'orders', count(*), 'orders_with_a_coupon', count(*)
    )
    from placed
    where
        is_counted and stripe_customer_id in (select stripe_customer_id from profiles)
    group by stripe_customer_id
    having bool_and(coalesce(len(coupons), 0) > 0)
    union all
    select 'first_order_anniversary', stripe_customer_id, json_object(
        'first_order_on', first_day, 'today', today
    )
    from (
        select
            stripe_customer_id, cast(min(ordered_at) as date) as first_day,
            cast(getvariable('as_of') as date) as today
        from marts.orders
        where is_counted and stripe_customer_id in (select stripe_customer_id from profiles)
        group by stripe_customer_id
    )
    where
        year(first_day) < year(today)
        and (
            (month(first_day), day(first_day)) = (month(today), day(today))
            or strftime(first_day, '%m-%d') = '02-29' and strftime(today, '%m-%d') = '02-28'
            and day(last_day(today)) = 28
        )
)
select
    segment, stripe_customer_id, getvariable('as_of') as entered_at, cast(why as varchar) as why
from members;
