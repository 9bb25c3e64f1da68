{{ config(materialized='table') }}

-- Every discount that some object held whole, by its id: elsewhere the id may be all that is there.
-- A table: finding them reads every invoice.
with seen as (
    {% for objects in ['subscriptions', 'invoices', 'customers'] %}
        {{ unnested(
            ref('stg_stripe__' ~ objects), ["'" ~ objects ~ "' as seen_in"], 'whole_discounts', 'discount'
        ) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    discount.discount_id,
    max(discount.coupon_id) as coupon_id,
    max(discount.coupon_name) as coupon_name,
    max(discount.starts) as starts,
    max(discount.ends) as ends,
    max(discount.coupon) as coupon
from seen
where
    discount.discount_id is not null
    and discount.coupon_id is not null
group by discount.discount_id
