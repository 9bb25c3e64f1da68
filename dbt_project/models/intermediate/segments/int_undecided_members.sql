{{ config(materialized='table') }}

-- Customers whose membership is undecided: a field that the segment's rule names lacks an exchange
-- rate. They neither enter nor leave until the rate is there.
with lacking as (
    select
        named.segment,
        named.field,
        unrated.stripe_customer_id
    from {{ ref('int_unrated_fields') }} as unrated
    inner join {{ ref('int_segment_fields') }} as named
        on unrated.field = named.field

    union

    -- Where customers are compared with each other, one unknown value leaves all places undecided.
    select
        named.segment,
        named.field,
        customers.customer_id as stripe_customer_id
    from {{ ref('int_segment_fields') }} as named
    cross join {{ ref('int_live_customers') }} as customers
    where
        named.is_ranked
        and named.field in (select unrated.field from {{ ref('int_unrated_fields') }} as unrated)
)

select
    segment,
    stripe_customer_id,
    {{ list_in_order('field', 'field') }} as fields
from lacking
group by segment, stripe_customer_id
