-- What the customers and guest payments of such a person bought, as the person's row says it.
select
    persons.person_id,
    {{ order_columns() }}
from {{ ref('int_person_customers') }} as persons
cross join {{ ref('run_clock') }} as clock
cross join {{ ref('int_readable_resources') }} as readable
cross join {{ ref('int_sales_basis') }} as basis
left join {{ ref('int_person_orders') }} as orders
    on persons.person_id = orders.person_id
left join {{ ref('int_person_sales') }} as sales
    on persons.person_id = sales.person_id
left join {{ ref('int_person_sales_by_currency') }} as by_currency
    on persons.person_id = by_currency.person_id
