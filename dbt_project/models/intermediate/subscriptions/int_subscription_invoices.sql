-- What was invoiced for each subscription: its orders that count, and what all of its orders
-- collected. Two currencies are never added: their sums are null, as is the currency then.
with invoiced as (
    select
        invoices.subscription_id,
        orders.currency,
        orders.is_counted,
        orders.order_total_minor,
        orders.collected_minor
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('stg_stripe__invoices') }} as invoices
        on orders.order_id = invoices.invoice_id
    where invoices.subscription_id is not null
),

sums as (
    select
        subscription_id,
        count(*) filter (where is_counted) as invoices,
        count(distinct currency) = 1 and bool_and(currency is not null) as has_one_currency,
        min(currency) as currency,
        {{ known_sum('order_total_minor', 'is_counted') }} as billed_minor,
        {{ known_sum('collected_minor', 'true') }} as paid_minor
    from invoiced
    group by subscription_id
)

select
    subscription_id,
    invoices,
    case when has_one_currency then currency end as currency,
    cast(case when has_one_currency then billed_minor end as bigint) as billed_minor,
    cast(case when has_one_currency then paid_minor end as bigint) as paid_minor
from sums
