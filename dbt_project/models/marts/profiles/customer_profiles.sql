select
    customers.customer_id as stripe_customer_id,

    -- who they are
    customers.email,
    customers.email_raw,
    customers.is_email_deliverable as email_deliverable,
    customers.full_name,
    customers.first_name,
    customers.last_name,
    customers.phone,
    customers.phone_raw,
    customers.address_line1,
    customers.address_line2,
    customers.city,
    customers.region,
    customers.postal_code,
    customers.country,
    customers.country_raw,
    customers.locale,
    customers.created_at,
    persons.person_id as stripe_person_id,

    -- what they bought
    purchases.stripe_order_products,
    purchases.stripe_total_orders,
    purchases.stripe_total_sales,
    purchases.stripe_total_sales_minor,
    purchases.stripe_order_status,
    purchases.stripe_order_last_value,
    purchases.stripe_order_last_value_minor,
    purchases.stripe_last_create_order_date,
    purchases.stripe_first_create_order_date,
    purchases.stripe_order_last_currency,
    purchases.stripe_sales_by_currency,
    purchases.stripe_gross_sales,
    purchases.stripe_gross_sales_minor,
    purchases.stripe_refunded,
    purchases.stripe_refunded_minor,
    purchases.stripe_average_order_value,
    purchases.stripe_average_order_value_minor,
    purchases.stripe_order_cadence_days,
    purchases.stripe_last_paid_order_at,
    purchases.stripe_last_counted_order_at,
    purchases.stripe_days_since_last_order,
    purchases.stripe_coupons_used,
    purchases.stripe_products_bought,
    purchases.stripe_sales_basis,

    -- what they subscribe to
    coalesce(subscriptions.active, 0) as stripe_subscription_active,
    coalesce(subscriptions.cancelled, 0) as stripe_subscription_cancelled,
    coalesce(subscriptions.paused, 0) as stripe_subscription_paused,
    coalesce(subscriptions.trial, 0) as stripe_subscription_trial,
    coalesce(subscriptions.past_due, 0) as stripe_subscription_past_due,
    case
        when readable.subscriptions and readable.products
            then coalesce(subscriptions.plan_names, {{ no_texts() }})
    end as stripe_plan_names,
    {{ mrr_columns('mrr.stripe_customer_id') }},
    subscriptions.next_renewal_at as stripe_next_renewal_at,
    subscriptions.trial_ends_at as stripe_trial_ends_at,
    subscriptions.cancels_at as stripe_cancels_at,
    customers.is_delinquent as stripe_delinquent,
    case when readable.charges then payments.card_expires_on end as stripe_card_expires_on,
    case when readable.charges then coalesce(payments.failed_payments, 0) end
        as stripe_failed_payments,
    payments.unpaid_url as stripe_unpaid_invoice_url,
    payments.unpaid_amount as stripe_unpaid_invoice_amount,
    payments.unpaid_amount_minor as stripe_unpaid_invoice_amount_minor,
    payments.unpaid_currency as stripe_unpaid_invoice_currency,

    -- what they left in the basket
    checkouts.checkout.abandoned_at as stripe_abandoned_checkout_at,
    checkouts.checkout.url as stripe_abandoned_checkout_url,

    -- what they earned
    coalesce(points.available, 0) as stripe_loyalty_points
{{ metadata_fields('customers.metadata') }}
from {{ ref('int_live_customers') }} as customers
cross join {{ ref('run_clock') }} as clock
cross join {{ ref('int_readable_resources') }} as readable
left join {{ ref('int_member_persons') }} as persons
    on customers.customer_id = persons.member_id
left join {{ ref('int_customer_purchases') }} as purchases
    on customers.customer_id = purchases.stripe_customer_id
left join {{ ref('int_customer_subscriptions') }} as subscriptions
    on customers.customer_id = subscriptions.stripe_customer_id
left join {{ ref('int_customer_mrr') }} as mrr
    on customers.customer_id = mrr.stripe_customer_id
left join {{ ref('int_customer_payments') }} as payments
    on customers.customer_id = payments.stripe_customer_id
left join {{ ref('int_abandoned_checkouts') }} as checkouts
    on customers.customer_id = checkouts.stripe_customer_id
left join {{ ref('int_loyalty_balances') }} as points
    on customers.customer_id = points.stripe_customer_id
