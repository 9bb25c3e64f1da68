{{ config(materialized='table') }}

-- Customers whose membership is undecided: a field that the segment's rule names lacks an exchange
-- rate. They neither enter nor leave until the rate is there.
select
    named.segment,
    unrated.stripe_customer_id,
    {{ list_in_order(
        'unrated.field', 'unrated.field'
    ) }} as fields
from {{ ref('int_unrated_fields') }} as unrated
inner join {{ ref('int_segment_fields') }} as named
    on unrated.field = named.field
group by named.segment, unrated.stripe_customer_id
