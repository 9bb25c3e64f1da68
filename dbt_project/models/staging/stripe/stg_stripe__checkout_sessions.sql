{{ config(unique_key='checkout_session_id') }}

with parsed as (
    {{ parsed_versions('checkout_sessions', 'session', {
        'created': 'BIGINT',
        'expires_at': 'BIGINT',
        'customer': 'VARCHAR',
        'customer_account': 'VARCHAR',
        'customer_details': {
            'email': 'VARCHAR',
            'phone': 'VARCHAR',
            'name': 'VARCHAR',
            'address': {'country': 'VARCHAR'},
        },
        'status': 'VARCHAR',
        'payment_status': 'VARCHAR',
        'payment_intent': 'VARCHAR',
        'invoice': 'VARCHAR',
        'after_expiration': {'recovery': {'url': 'VARCHAR', 'expires_at': 'BIGINT'}},
        'consent': {'promotions': 'VARCHAR'},
        'discounts': [{'coupon': 'VARCHAR', 'promotion_code': 'VARCHAR'}],
        'shipping_cost': {'amount_total': 'BIGINT'},
        'total_details': {'amount_shipping': 'BIGINT'},
        'line_items': {'data': [{
            'id': 'VARCHAR',
            'description': 'VARCHAR',
            'quantity': 'BIGINT',
            'price': 'VARCHAR',
            'currency': 'VARCHAR',
            'amount_subtotal': 'BIGINT',
            'amount_discount': 'BIGINT',
            'amount_tax': 'BIGINT',
            'amount_total': 'BIGINT',
        }]},
    }, only_normalized=true) }}
)

select
    id as checkout_session_id,
    {{ from_unix('session.created') }} as created_at,
    {{ from_unix('session.expires_at') }} as expires_at,
    {{ reference('session.customer') }} as customer_id,
    {{ reference('session.customer_account') }} as customer_account_id,
    emails.email,
    nullif(session.customer_details.phone, '') as phone_raw,
    nullif(session.customer_details.name, '') as full_name,
    countries.country,
    session.status as session_status,
    session.payment_status,
    {{ reference('session.payment_intent') }} as payment_intent_id,
    {{ reference('session.invoice') }} as invoice_id,
    session.after_expiration.recovery.url as recovery_url,
    {{ from_unix('session.after_expiration.recovery.expires_at') }} as recovery_url_expires_at,
    session.consent.promotions as promotions_consent,
    {{ each('session.discounts', 'discount', struct_of({
        'coupon_id': reference('discount.coupon'),
        'coupon_name': expanded('discount.coupon', 'name'),
        'promotion_code_id': reference('discount.promotion_code'),
    })) }} as discounts,
    -- Null where the line items weren't read; a quantity that isn't given is one.
    {{ list_total(each('session.line_items.data', 'item', 'coalesce(item.quantity, 1)')) }}
        as quantity,
    {{ each('session.line_items.data', 'item', struct_of({
        'id': 'item.id',
        'description': 'item.description',
        'quantity': 'item.quantity',
        'price_id': reference('item.price'),
        'product_id': reference(expanded('item.price', 'product')),
        'currency': lower_ascii('item.currency'),
        'amount': 'item.amount_subtotal',
        'discount': 'item.amount_discount',
        'tax': 'item.amount_tax',
        'total': 'item.amount_total',
    })) }} as line_items,
    coalesce(session.shipping_cost.amount_total, session.total_details.amount_shipping)
        as shipping_minor,
    is_deleted,
    is_stub,
    _batch
from parsed
left join {{ ref('stg_contacts__emails') }} as emails
    on session.customer_details.email = emails.raw
left join {{ ref('stg_contacts__countries') }} as countries
    on session.customer_details.address.country = countries.raw
where {{ all_normalized({
    'session.customer_details.email': 'emails.raw',
    'session.customer_details.address.country': 'countries.raw',
}) }}
