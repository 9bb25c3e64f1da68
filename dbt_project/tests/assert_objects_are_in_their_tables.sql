-- A row of another kind of object in a resource's table would be read as nonsense.
{%- set kinds = {
    'customers': 'customer', 'products': 'product', 'prices': 'price', 'coupons': 'coupon',
    'promotion_codes': 'promotion_code', 'subscriptions': 'subscription', 'invoices': 'invoice',
    'invoice_payments': 'invoice_payment', 'charges': 'charge', 'refunds': 'refund',
    'credit_notes': 'credit_note', 'disputes': 'dispute',
    'checkout_sessions': 'checkout.session', 'events': 'event',
} %}

{% for resource, kind in kinds.items() %}
    select
        '{{ resource }}' as resource,
        object,
        count(*) as versions
    from {{ source('lake', resource) }}
    where object <> '{{ kind }}'
    group by object
    {{ 'union all' if not loop.last }}
{% endfor %}
