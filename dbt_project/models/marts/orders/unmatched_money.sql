select
    money.object_id,
    money.object_type,
    money.currency,
    {{ to_major('money.paid_minor', 'coalesce(currencies.exponent, 2)') }} as paid,
    {{ to_major('money.collected_minor', 'coalesce(currencies.exponent, 2)') }} as collected,
    money.paid_minor,
    money.collected_minor,
    money.reason
from {{ ref('int_order_money') }} as money
left join {{ ref('currencies') }} as currencies
    on money.currency = currencies.currency
where money.reason is not null
