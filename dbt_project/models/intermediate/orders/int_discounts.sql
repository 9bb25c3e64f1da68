{{ config(materialized='table') }}

-- Every discount that some object held whole, by its id: elsewhere the id may be all that is there.
-- A table: finding them reads every invoice.
with seen as (
    select unnest(whole_discounts, recursive := true)
    from {{ ref('stg_stripe__subscriptions') }}

    union all

    select unnest(whole_discounts, recursive := true)
    from {{ ref('stg_stripe__invoices') }}

    union all

    select unnest(whole_discounts, recursive := true)
    from {{ ref('stg_stripe__customers') }}
)

select
    discount_id,
    max(coupon_id) as coupon_id,
    max(coupon_name) as coupon_name,
    max(starts) as starts,
    max(ends) as ends,
    max(coupon) as coupon
from seen
where
    discount_id is not null
    and coupon_id is not null
group by discount_id
