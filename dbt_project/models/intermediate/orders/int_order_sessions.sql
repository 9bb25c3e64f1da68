-- The Checkout session that says what a payment without an invoice sold: of several the newest whose
-- line items were read.
with newest as (
    select
        payment_intent_id,
        {{ last_value_by(
            'checkout_session_id', ['created_at', 'checkout_session_id'], 'quantity is not null'
        ) }} as checkout_session_id
    from {{ ref('int_checkout_sessions') }}
    where payment_intent_id is not null
    group by payment_intent_id
)

select
    orders.order_id,
    orders.currency,
    sessions.line_items,
    -- In another currency than the charge's it isn't known in that, as the line items aren't.
    case
        when
            coalesce({{ element('sessions.line_items', 1) }}.currency, orders.currency)
            = orders.currency
            then sessions.shipping_minor
    end as shipping_minor
from {{ ref('int_orders') }} as orders
inner join newest
    on orders.payment_intent_id = newest.payment_intent_id
inner join {{ ref('int_checkout_sessions') }} as sessions
    on newest.checkout_session_id = sessions.checkout_session_id
