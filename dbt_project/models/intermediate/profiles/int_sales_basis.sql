-- Which facts of sales the key may read. Nobody can tell what a payment or its refund is for
-- without invoice payments.
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
