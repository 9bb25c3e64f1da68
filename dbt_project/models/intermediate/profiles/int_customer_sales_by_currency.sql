{{ sales_by_currency(ref('int_order_amounts'), 'stripe_customer_id') }}
