-- How many products an invoice sells: a metered line and one without a quantity count one each.
select
    lines.invoice_id,
    sum({{ things_bought('lines', 'metered') }}) as quantity
from {{ ref('stg_stripe__invoice_lines') }} as lines
left join {{ ref('int_metered_prices') }} as metered
    on lines.price_id = metered.price_id
where
    lines.amount_minor > 0
    and not lines.is_proration
group by lines.invoice_id
