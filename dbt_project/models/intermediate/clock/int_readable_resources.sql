-- A resource that no sync has judged counts as readable: then its table says what is there.
with access as (
    select
        resource,
        is_readable
    from {{ ref('raw_resource_access') }}
)

select
    {% for resource in [
        'charges', 'invoice_payments', 'refunds', 'disputes', 'credit_notes', 'subscriptions',
        'products', 'coupons', 'checkout_sessions', 'invoices',
    ] -%}
    coalesce(bool_and(is_readable) filter (where resource = '{{ resource }}'), true) as {{ resource }}
    {{- ',' if not loop.last }}
    {% endfor %}
from access
