-- The products on a customer's paid orders. What a payment sold that no line item lists is unknown where
-- its Checkout session may not be read.
select
    stripe_customer_id,
    {{ distinct_list('product') }} as products_bought,
    bool_or(line_id = order_id) as has_unlisted
from {{ ref('int_order_lines') }}
where
    {{ is_paid_order() }}
    and stripe_customer_id is not null
group by stripe_customer_id
