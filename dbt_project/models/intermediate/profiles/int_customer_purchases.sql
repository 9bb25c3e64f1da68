-- What a customer bought, as the profile says it.
select
    customers.customer_id as stripe_customer_id,
    {{ order_columns() }},
    case
        when readable.coupons then coalesce(coupons.coupons_used, {{ no_texts() }})
    end as stripe_coupons_used,
    case
        when
            readable.invoices
            and (readable.checkout_sessions or not coalesce(products.has_unlisted, false))
            then coalesce(products.products_bought, {{ no_texts() }})
    end as stripe_products_bought,
    basis.sales_basis as stripe_sales_basis
from {{ ref('int_live_customers') }} as customers
cross join {{ ref('run_clock') }} as clock
cross join {{ ref('int_readable_resources') }} as readable
cross join {{ ref('int_sales_basis') }} as basis
left join {{ ref('int_customer_orders') }} as orders
    on customers.customer_id = orders.stripe_customer_id
left join {{ ref('int_customer_sales') }} as sales
    on customers.customer_id = sales.stripe_customer_id
left join {{ ref('int_customer_sales_by_currency') }} as by_currency
    on customers.customer_id = by_currency.stripe_customer_id
left join {{ ref('int_customer_coupons') }} as coupons
    on customers.customer_id = coupons.stripe_customer_id
left join {{ ref('int_customer_products') }} as products
    on customers.customer_id = products.stripe_customer_id
