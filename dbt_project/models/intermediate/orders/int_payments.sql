{{ config(materialized='table') }}

-- Every attempt to take a payment, and the order that it was for. A charge that pays several invoices
-- belongs to the first by (created, id) here; their shares are in int_charge_shares.
with links as (
    {% for named_by in ['charge_id', 'payment_intent_id'] %}
        select
            charges.charge_id,
            links.link_id,
            links.invoice_id,
            links.created_at
        from {{ ref('stg_stripe__charges') }} as charges
        inner join {{ ref('int_payment_links') }} as links
            on charges.{{ named_by }} = links.{{ named_by }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

invoiced as (
    select
        links.charge_id,
        {{ first_value_by(
            'links.invoice_id', ['links.created_at', 'links.link_id']
        ) }} as order_id,
        count(distinct links.invoice_id) as orders
    from links
    inner join {{ ref('int_orders') }} as orders
        on links.invoice_id = orders.order_id
    group by links.charge_id
),

-- An attempt that failed, of a payment that was made after all: its order is the charge that paid.
paid_intents as (
    select
        payment_intent_id,
        {{ first_value_by(
            'order_id', ['ordered_at', 'order_id']
        ) }} as order_id
    from {{ ref('int_orders') }}
    where payment_intent_id is not null
    group by payment_intent_id
),

attempts as (
    select
        charges.*,
        case
            when charges.charge_status = 'succeeded' and charges.is_captured then 'paid'
            when charges.charge_status = 'succeeded' and charges.is_refunded_in_full then 'released'
            when charges.charge_status = 'succeeded' then 'authorized'
            else charges.charge_status
        end as payment_status
    from {{ ref('stg_stripe__charges') }} as charges
    cross join {{ ref('run_clock') }} as clock
    cross join {{ ref('int_readable_resources') }} as readable
    where
        readable.charges
        and not charges.is_deleted
        and charges.created_at <= clock.as_of
        and not exists (
            select 1
            from {{ ref('int_test_clock_customers') }} as test_customers
            where test_customers.customer_id = charges.customer_id
        )
)

select
    attempts.charge_id,
    attempts.customer_id as stripe_customer_id,
    coalesce(invoiced.order_id, own.order_id, paid_intents.order_id) as order_id,
    coalesce(
        invoiced.orders,
        case when own.order_id is not null or paid_intents.order_id is not null then 1 end,
        0
    ) as orders,
    attempts.payment_intent_id,
    attempts.created_at as attempted_at,
    attempts.payment_status,
    attempts.failure_code,
    case when attempts.payment_status = 'failed' then attempts.outcome_reason end as decline_code,
    case
        when attempts.payment_status = 'failed'
            then coalesce(
                reasons.failure_class,
                codes.failure_class,
                case
                    when attempts.outcome_type = 'blocked' then 'blocked'
                    when attempts.outcome_type = 'issuer_declined' then 'declined'
                    else 'other'
                end
            )
    end as failure_class,
    attempts.payment_method,
    attempts.card_brand,
    attempts.card_country,
    attempts.card_expires_on,
    attempts.currency,
    case when attempts.currency is not null then coalesce(currencies.exponent, 2) end
        as currency_exponent,
    attempts.amount_minor,
    case when attempts.payment_status = 'paid' then attempts.amount_captured_minor else 0 end
        as captured_minor
from attempts
left join invoiced
    on attempts.charge_id = invoiced.charge_id
left join {{ ref('int_orders') }} as own
    on attempts.charge_id = own.order_id
left join paid_intents
    on attempts.payment_intent_id = paid_intents.payment_intent_id
left join {{ ref('payment_failures') }} as reasons
    on attempts.outcome_reason = reasons.code
left join {{ ref('payment_failures') }} as codes
    on attempts.failure_code = codes.code
left join {{ ref('currencies') }} as currencies
    on attempts.currency = currencies.currency
