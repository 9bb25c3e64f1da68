-- The facts that sales are made of, as far as the key may read them.
select
    concat_ws(
        ', ',
        case when invoices then 'invoices' end,
        case
            when
                {{ 'true' if 'payment' in setting('order_sources', 'invoice,payment') else 'false' }}
                and charges
                and invoice_payments
                then 'payments'
        end,
        case when refunds and invoice_payments then 'refunds' end,
        case when disputes and invoice_payments then 'disputes' end,
        case when credit_notes then 'credit notes' end
    ) as sales_basis,
    refunds and invoice_payments and credit_notes as knows_refunds
from {{ ref('int_readable_resources') }}
