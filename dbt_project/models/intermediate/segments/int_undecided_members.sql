{{ config(materialized='table') }}

-- Customers whose membership is undecided: a field that the segment's rule names lacks an exchange
-- rate. They neither enter nor leave until the rate is there.
with named as (
    {% for segment in var('segments') %}
        {% for field in segment_fields(segment) %}
            select
                '{{ segment }}' as segment,
                '{{ field }}' as field

            union all
        {% endfor %}
    {% endfor %}

    select
        cast(null as varchar) as segment,
        cast(null as varchar) as field
)

select
    named.segment,
    unrated.stripe_customer_id,
    {{ list_in_order(
        'unrated.field', 'unrated.field'
    ) }} as fields
from {{ ref('int_unrated_fields') }} as unrated
inner join named
    on unrated.field = named.field
group by named.segment, unrated.stripe_customer_id
