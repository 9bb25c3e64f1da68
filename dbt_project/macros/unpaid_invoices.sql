{#
    The rows of `orders` (query; columns as in marts.orders) that are invoices to be paid, past their
    due date or with a payment in `payments` (as marts.payments) that failed.
#}
{% macro unpaid_invoices(orders, payments) %}
    select orders.*
    from {{ orders }} as orders
    cross join {{ ref('run_clock') }} as clock
    where
        orders.order_status = 'open'
        and orders.amount_remaining_minor > 0
        and (
            orders.due_at < clock.as_of
            or exists (
                select 1
                from {{ payments }} as payments
                where
                    payments.order_id = orders.order_id
                    and payments.payment_status = 'failed'
            )
        )
{% endmacro %}
