{{ config(materialized='table') }}

-- Both sides of the books: what was paid for each order and what it says it collected; and charges, or
-- shares of one, that are in no order. `reason` says why the two sides of a row don't tie. Without
-- readable charges or invoice payments it is unknown, and there are no rows.
with charged as (
    select
        shares.order_id,
        charges.currency,
        sum(shares.share_minor) as charged_minor
    from {{ ref('int_charge_shares') }} as shares
    inner join {{ ref('int_captured_charges') }} as charges
        on shares.charge_id = charges.charge_id
    group by
        shares.order_id,
        charges.currency
),

-- Payments that were reported from outside of Stripe: neither a charge nor an intent is behind them.
reported as (
    select
        invoice_id,
        sum(amount_paid_minor) as reported_minor
    from {{ ref('stg_stripe__invoice_payments') }}
    where {{ is_reported_from_outside() }}
    group by invoice_id
),

-- What Stripe's own payments paid, as the links say.
linked as (
    select
        invoice_id,
        sum(amount_paid_minor) as linked_minor
    from {{ ref('int_payment_links') }}
    where charge_id is not null or payment_intent_id is not null
    group by invoice_id
),

sides as (
    select
        orders.order_id,
        orders.currency,
        orders.collected_minor,
        case
            when orders.order_source = 'payment' then orders.collected_minor
            else coalesce(charged.charged_minor, 0) + coalesce(reported.reported_minor, 0)
        end as known_minor,
        coalesce(invoices.amount_overpaid_minor, 0) as overpaid_minor,
        -- What has no payment was paid outside of Stripe, and not reported to it.
        case
            when orders.order_source = 'payment' then 0
            else greatest(
                orders.collected_minor
                - coalesce(linked.linked_minor, 0)
                - coalesce(reported.reported_minor, 0),
                0
            )
        end as elsewhere_minor
    from {{ ref('int_orders') }} as orders
    left join {{ ref('stg_stripe__invoices') }} as invoices
        on orders.order_id = invoices.invoice_id
    left join charged
        on
            orders.order_id = charged.order_id
            and orders.currency = charged.currency
    left join reported
        on orders.order_id = reported.invoice_id
    left join linked
        on orders.order_id = linked.invoice_id
    where orders.collected_minor is not null and orders.currency is not null
),

of_orders as (
    select
        order_id as object_id,
        'order' as object_type,
        currency,
        known_minor + elsewhere_minor as paid_minor,
        collected_minor,
        overpaid_minor
    from sides
),

outside as (
    select
        charges.charge_id as object_id,
        charges.currency,
        coalesce(shares.share_minor, charges.amount_minor) as paid_minor,
        case
            when shares.order_id is null then 'it is in no order'
            when invoices.invoice_id is null then 'it pays an invoice that was never read'
            else 'it pays an invoice that is no order'
        end as reason
    from {{ ref('int_captured_charges') }} as charges
    cross join {{ ref('run_clock') }} as clock
    left join {{ ref('int_charge_shares') }} as shares
        on charges.charge_id = shares.charge_id
    left join {{ ref('stg_stripe__invoices') }} as invoices
        on shares.order_id = invoices.invoice_id
    left join {{ ref('int_orders') }} as orders
        on coalesce(shares.order_id, charges.charge_id) = orders.order_id
    where
        orders.order_id is null
        -- Neither what is still to come at the as-of instant, nor a test.
        and coalesce(invoices.created_at, charges.created_at) <= clock.as_of
        and invoices.test_clock_id is null
        and not exists (
            select 1
            from {{ ref('int_test_clock_customers') }} as test_customers
            where test_customers.customer_id = invoices.customer_id
        )
        -- Payments may be left out by the setting.
        and (
            shares.order_id is not null
            or {{ 'true' if 'payment' in setting('order_sources', 'invoice,payment') else 'false' }}
        )
),

together as (
    select
        object_id,
        object_type,
        currency,
        paid_minor,
        collected_minor,
        case
            when paid_minor < collected_minor then 'it collected more than its payments took'
            when paid_minor > collected_minor + overpaid_minor
                then 'its payments took more than it collected'
        end as reason
    from of_orders

    union all

    select
        object_id,
        'charge' as object_type,
        currency,
        sum(paid_minor) as paid_minor,
        0 as collected_minor,
        min(reason) as reason
    from outside
    where paid_minor <> 0
    group by object_id, currency
)

select
    together.object_id,
    together.object_type,
    together.currency,
    cast(together.paid_minor as bigint) as paid_minor,
    cast(together.collected_minor as bigint) as collected_minor,
    together.reason
from together
cross join {{ ref('int_readable_resources') }} as readable
where readable.charges and readable.invoice_payments and readable.invoices
