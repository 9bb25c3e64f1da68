{{ sales_by_currency(ref('orders'), 'stripe_customer_id') }}
