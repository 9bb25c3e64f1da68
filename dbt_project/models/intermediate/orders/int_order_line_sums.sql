{{ config(materialized='table') }}

-- How an order's total is made of its lines: their amounts, less discounts, plus the tax that these
-- don't include and shipping, less credit. The invoice's own sums go before those of its lines, of which
-- roundings may differ. What then differs has a reason.
with summed as (
    select
        order_id,
        count(*) as lines,
        {{ known_sum('amount_minor', 'true') }} as amount_minor,
        {{ known_sum('discount_minor', 'true') }} as discount_minor,
        {{ known_sum('tax_on_top_minor', 'true') }} as tax_on_top_minor
    from {{ ref('int_order_lines') }}
    group by order_id
),

parts as (
    select
        orders.order_id,
        orders.stripe_customer_id,
        orders.order_source,
        orders.currency,
        orders.currency_exponent,
        orders.order_total_minor,
        coalesce(summed.lines, 0) as lines,
        case when summed.order_id is null then 0 else summed.amount_minor end as lines_minor,
        coalesce(invoices.discount_minor, summed.discount_minor) as known_discount_minor,
        coalesce(
            invoices.tax_on_top_minor, summed.tax_on_top_minor, invoices.tax_minor, 0
        ) as tax_on_top_minor,
        coalesce(invoices.shipping_minor, sessions.shipping_minor, 0) as shipping_minor,
        coalesce(invoices.shipping_tax_minor, 0) as shipping_tax_minor,
        coalesce(invoices.credit_minor, 0) as credit_minor,
        coalesce({{ list_length('invoices.discounts') }} > 0, false) as has_discounts,
        coalesce(invoices.total_minor - invoices.total_excluding_tax_minor, 0) as all_tax_minor,
        charges.amount_minor - charges.amount_captured_minor as uncaptured_minor
    from {{ ref('int_orders') }} as orders
    left join summed
        on orders.order_id = summed.order_id
    left join {{ ref('stg_stripe__invoices') }} as invoices
        on orders.order_id = invoices.invoice_id
    left join {{ ref('stg_stripe__charges') }} as charges
        on orders.order_id = charges.charge_id
    left join {{ ref('int_order_sessions') }} as sessions
        on orders.order_id = sessions.order_id
),

compared as (
    select
        *,
        coalesce(known_discount_minor, 0) as discount_minor,
        order_total_minor - (
            lines_minor - coalesce(known_discount_minor, 0) + tax_on_top_minor + shipping_minor
            - credit_minor
        ) as difference_minor
    from parts
)

select
    order_id,
    stripe_customer_id,
    currency,
    currency_exponent,
    lines,
    lines_minor,
    cast(discount_minor as bigint) as discount_minor,
    cast(tax_on_top_minor as bigint) as tax_on_top_minor,
    shipping_minor,
    cast(credit_minor as bigint) as credit_minor,
    order_total_minor,
    cast(difference_minor as bigint) as difference_minor,
    case
        when difference_minor is null then 'unknown'
        when difference_minor = 0 then null
        when lines = 0 then 'no_lines'
        when order_source = 'payment' and difference_minor = -uncaptured_minor
            then 'partial_capture'
        when known_discount_minor is null and has_discounts and difference_minor < 0
            then 'discount'
        when tax_on_top_minor = 0 and difference_minor = all_tax_minor then 'tax'
        when difference_minor = -shipping_tax_minor then 'shipping_tax'
        when abs(difference_minor) <= lines then 'rounding'
        else 'unnamed'
    end as difference_reason
from compared
