{{ config(unique_key='invoice_id') }}

with parsed as (
    select
        id,
        is_deleted,
        is_stub,
        _batch,
        {{ parse_json('body', {
            'created': 'BIGINT',
            'customer': 'VARCHAR',
            'test_clock': 'VARCHAR',
            'status': 'VARCHAR',
            'status_transitions': {'paid_at': 'BIGINT', 'voided_at': 'BIGINT'},
            'currency': 'VARCHAR',
            'subtotal': 'BIGINT',
            'total': 'BIGINT',
            'total_excluding_tax': 'BIGINT',
            'amount_paid': 'BIGINT',
            'discounts': [{'source': {'coupon': 'VARCHAR'}}],
            'lines': {'data': [{
                'id': 'VARCHAR',
                'amount': 'BIGINT',
                'quantity': 'BIGINT',
                'parent': {
                    'invoice_item_details': {'proration': 'BOOLEAN'},
                    'subscription_item_details': {'proration': 'BOOLEAN'},
                },
                'pricing': {'price_details': {'price': 'VARCHAR', 'product': 'VARCHAR'}},
            }]},
        }) }} as invoice
    from ({{ current_versions('invoices', only_new=is_incremental(), last_live_body=true) }})
)

select
    id as invoice_id,
    {{ from_unix('invoice.created') }} as created_at,
    invoice.customer as customer_id,
    invoice.test_clock as test_clock_id,
    invoice.status as invoice_status,
    {{ from_unix('invoice.status_transitions.paid_at') }} as paid_at,
    {{ from_unix('invoice.status_transitions.voided_at') }} as voided_at,
    lower(invoice.currency) as currency,
    invoice.subtotal as subtotal_minor,
    invoice.total as total_minor,
    invoice.total_excluding_tax as total_excluding_tax_minor,
    invoice.amount_paid as amount_paid_minor,
    list_transform(invoice.discounts, lambda discount: discount.source.coupon) as coupon_ids,
    invoice.lines.data as lines,
    is_deleted,
    is_stub,
    _batch
from parsed
