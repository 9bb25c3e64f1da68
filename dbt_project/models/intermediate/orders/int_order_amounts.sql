with adjustments as (
    select
        order_id,
        {{ known_sum('order_amount_minor', "adjustment_type <> 'dispute'") }} as refunded_minor,
        {{ known_sum('order_amount_minor', "adjustment_type = 'dispute'") }} as disputed_minor
    from {{ ref('int_order_adjustments') }}
    where is_counted
    group by order_id
),

-- Sums of what may not be read are unknown, not zero; net leaves them out. What was read and can't
-- be converted into the order's currency makes net unknown.
amounts as (
    select
        orders.*,
        case when adjustments.order_id is null then 0 else adjustments.refunded_minor end
            as known_refunded_minor,
        case when adjustments.order_id is null then 0 else adjustments.disputed_minor end
            as known_disputed_minor,
        readable.refunds and readable.invoice_payments
        and (readable.credit_notes or orders.order_source = 'payment') as knows_refunds,
        readable.disputes and readable.invoice_payments as knows_disputes
    from {{ ref('int_orders') }} as orders
    cross join {{ ref('int_readable_resources') }} as readable
    left join adjustments
        on orders.order_id = adjustments.order_id
),

minor_amounts as (
    select
        *,
        case when knows_refunds then known_refunded_minor end as refunded_minor,
        case when knows_disputes then known_disputed_minor end as disputed_minor,
        collected_minor - known_refunded_minor - known_disputed_minor as net_minor
    from amounts
)

select
    order_id,
    stripe_customer_id,
    order_source,
    order_status,
    ordered_at,
    paid_at,
    voided_at,
    currency,
    {{ to_major('order_total_minor', 'currency_exponent') }} as order_total,
    {{ to_major('order_total_excluding_tax_minor', 'currency_exponent') }}
        as order_total_excluding_tax,
    is_counted,
    cast(items_purchased as bigint) as items_purchased,
    {{ to_major('collected_minor', 'currency_exponent') }} as collected,
    {{ to_major('refunded_minor', 'currency_exponent') }} as refunded,
    {{ to_major('disputed_minor', 'currency_exponent') }} as disputed,
    {{ to_major('net_minor', 'currency_exponent') }} as net,
    order_total_minor,
    order_total_excluding_tax_minor,
    collected_minor,
    cast(refunded_minor as bigint) as refunded_minor,
    cast(disputed_minor as bigint) as disputed_minor,
    cast(net_minor as bigint) as net_minor
from minor_amounts
