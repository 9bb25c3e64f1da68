{{ config(unique_key='invoice_id') }}

-- Fields that Stripe has moved since 2024 are read from their new place, else from the old one.
with parsed as (
    {{ parsed_versions('invoices', 'invoice', {
        'created': 'BIGINT',
        'date': 'BIGINT',
        'customer': 'VARCHAR',
        'customer_account': 'VARCHAR',
        'test_clock': 'VARCHAR',
        'status': 'VARCHAR',
        'paid': 'BOOLEAN',
        'status_transitions': {'paid_at': 'BIGINT', 'voided_at': 'BIGINT'},
        'currency': 'VARCHAR',
        'subtotal': 'BIGINT',
        'total': 'BIGINT',
        'total_excluding_tax': 'BIGINT',
        'amount_due': 'BIGINT',
        'amount_paid': 'BIGINT',
        'amount_overpaid': 'BIGINT',
        'amount_remaining': 'BIGINT',
        'amount_paid_off_stripe': 'BIGINT',
        'tax': 'BIGINT',
        'total_discount_amounts': [{'amount': 'BIGINT'}],
        'total_taxes': [{'amount': 'BIGINT', 'tax_behavior': 'VARCHAR', 'inclusive': 'BOOLEAN'}],
        'total_tax_amounts': [
            {'amount': 'BIGINT', 'tax_behavior': 'VARCHAR', 'inclusive': 'BOOLEAN'},
        ],
        'total_pretax_credit_amounts': [{'amount': 'BIGINT', 'type': 'VARCHAR'}],
        'shipping_cost': {'amount_tax': 'BIGINT', 'amount_total': 'BIGINT'},
        'amount_shipping': 'BIGINT',
        'number': 'VARCHAR',
        'billing_reason': 'VARCHAR',
        'due_date': 'BIGINT',
        'hosted_invoice_url': 'VARCHAR',
        'paid_out_of_band': 'BOOLEAN',
        'charge': 'VARCHAR',
        'payment_intent': 'VARCHAR',
        'subscription': 'VARCHAR',
        'parent': {'subscription_details': {'subscription': 'VARCHAR'}},
        'discount': 'VARCHAR',
        'discounts': ['VARCHAR'],
        'lines': {'data': [{
            'id': 'VARCHAR',
            'amount': 'BIGINT',
            'currency': 'VARCHAR',
            'description': 'VARCHAR',
            'quantity': 'BIGINT',
            'quantity_decimal': 'VARCHAR',
            'proration': 'BOOLEAN',
            'parent': {
                'invoice_item_details': {'proration': 'BOOLEAN', 'subscription': 'VARCHAR'},
                'subscription_item_details': {
                    'proration': 'BOOLEAN',
                    'subscription': 'VARCHAR',
                    'subscription_item': 'VARCHAR',
                },
            },
            'subscription': 'VARCHAR',
            'subscription_item': 'VARCHAR',
            'period': {'start': 'BIGINT', 'end': 'BIGINT'},
            'discount_amounts': [{'amount': 'BIGINT', 'discount': 'VARCHAR'}],
            'taxes': [{'amount': 'BIGINT', 'tax_behavior': 'VARCHAR', 'inclusive': 'BOOLEAN'}],
            'tax_amounts': [
                {'amount': 'BIGINT', 'tax_behavior': 'VARCHAR', 'inclusive': 'BOOLEAN'},
            ],
            'price': 'VARCHAR',
            'plan': 'VARCHAR',
            'pricing': {'price_details': {'price': 'VARCHAR', 'product': 'VARCHAR'}},
            'discounts': ['VARCHAR'],
        }]},
    }) }}
)

select
    -- ids
    id as invoice_id,
    {{ reference('invoice.customer') }} as customer_id,
    {{ reference('invoice.customer_account') }} as customer_account_id,
    {{ reference('invoice.test_clock') }} as test_clock_id,
    {{ reference('invoice.charge') }} as charge_id,
    {{ reference('invoice.payment_intent') }} as payment_intent_id,
    coalesce(
        {{ reference('invoice.parent.subscription_details.subscription') }},
        {{ reference('invoice.subscription') }}
    ) as subscription_id,

    -- properties
    coalesce(invoice.status, case when invoice.paid then 'paid' end) as invoice_status,
    coalesce(invoice.paid_out_of_band, false) as is_paid_out_of_band,
    nullif(invoice.number, '') as invoice_number,
    invoice.billing_reason,
    nullif(invoice.hosted_invoice_url, '') as hosted_invoice_url,
    {{ discounts_of(given_discounts('invoice')) }} as discounts,
    {{ discounts_of(joined_field('invoice.lines.data', 'discounts')) }} as line_discounts,
    {{ whole_discounts_of(all_discounts('invoice', 'invoice.lines.data')) }} as whole_discounts,
    {{ each('invoice.lines.data', 'line', invoice_line_of('line')) }} as lines,

    -- amounts
    -- Before 2014 the lines alone may say it.
    {{ lower_ascii(
        "coalesce(nullif(invoice.currency, ''), " ~ element('invoice.lines.data', 1) ~ '.currency)'
    ) }} as currency,
    invoice.subtotal as subtotal_minor,
    invoice.total as total_minor,
    invoice.total_excluding_tax as total_excluding_tax_minor,
    invoice.amount_due as amount_due_minor,
    -- Before 2018 `paid` said it alone: what isn't paid was paid nothing, as there were no parts.
    coalesce(invoice.amount_paid, case when not invoice.paid then 0 end) as amount_paid_minor,
    coalesce(invoice.amount_overpaid, 0) as amount_overpaid_minor,
    invoice.amount_remaining as amount_remaining_minor,
    invoice.amount_paid_off_stripe as amount_paid_off_stripe_minor,
    invoice.tax as tax_minor,
    -- Null where the invoice doesn't say, as before 2020.
    case
        when invoice.total_discount_amounts is not null
            then coalesce(
                {{ list_total(
                    each('invoice.total_discount_amounts', 'discount', 'discount.amount')
                ) }},
                0
            )
    end as discount_minor,
    {{ total_on_top('coalesce(invoice.total_taxes, invoice.total_tax_amounts)') }}
        as tax_on_top_minor,
    coalesce(invoice.shipping_cost.amount_total, invoice.amount_shipping) as shipping_minor,
    invoice.shipping_cost.amount_tax as shipping_tax_minor,
    coalesce({{ list_total(each(
        'invoice.total_pretax_credit_amounts',
        'credit',
        "case when credit.type = 'credit_balance_transaction' then credit.amount else 0 end"
    )) }}, 0) as credit_minor,

    -- times
    {{ from_unix('coalesce(invoice.created, invoice.date)') }} as created_at,
    {{ from_unix('invoice.status_transitions.paid_at') }} as paid_at,
    {{ from_unix('invoice.status_transitions.voided_at') }} as voided_at,
    {{ from_unix('invoice.due_date') }} as due_at,

    -- its version in the lake
    is_deleted,
    is_stub,
    _batch
from parsed
