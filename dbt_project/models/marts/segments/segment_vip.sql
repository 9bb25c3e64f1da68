{{ config(meta={'fields': ['stripe_total_sales']}) }}

{%- set minimum_sales = 'cast(' ~ var('vip_minimum_sales') ~ ' as decimal(18, 3))' -%}

-- A customer with an unknown total (a missing exchange rate) isn't a VIP.
select
    stripe_customer_id,
    {{ json_text({
        'stripe_total_sales': 'stripe_total_sales',
        'minimum_sales': minimum_sales,
    }) }} as why
from {{ ref('customer_profiles') }}
where stripe_total_sales >= {{ minimum_sales }}
