-- Which sales facts the key may read. Without invoice payments it is unknown what a payment or its
-- refund is for.
select
    concat_ws(
        ', ',
        case when invoices then 'invoices' end,
        case when charges and invoice_payments then 'payments' end,
        case when refunds and invoice_payments then 'refunds' end,
        case when disputes and invoice_payments then 'disputes' end,
        case when credit_notes then 'credit notes' end
    ) as sales_basis,
    refunds and invoice_payments and credit_notes as knows_refunds
from {{ ref('int_readable_resources') }}
