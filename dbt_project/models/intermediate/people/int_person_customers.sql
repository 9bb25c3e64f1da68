-- Who belongs to a person, and what of their customers' figures can be added up.
select
    members.person_id,
    count(*) filter (where members.member_type = 'customer') as customers,
    count(*) filter (where members.member_type = 'guest_payment') as guest_payments,
    coalesce(
        {{ list_in_order(
            'members.member_id', 'members.member_id', "members.member_type = 'customer'"
        ) }},
        {{ no_texts() }}
    ) as stripe_customer_ids,
    min(members.known_since) as created_at,
    cast(coalesce(sum(subscriptions.active), 0) as bigint) as active,
    cast(coalesce(sum(subscriptions.cancelled), 0) as bigint) as cancelled,
    cast(coalesce(sum(subscriptions.paused), 0) as bigint) as paused,
    cast(coalesce(sum(subscriptions.trial), 0) as bigint) as trial,
    cast(coalesce(sum(subscriptions.past_due), 0) as bigint) as past_due,
    cast(coalesce(sum(points.available), 0) as bigint) as loyalty_points
from {{ ref('int_joined_members') }} as members
left join {{ ref('int_customer_subscriptions') }} as subscriptions
    on members.member_id = subscriptions.stripe_customer_id
left join {{ ref('int_loyalty_balances') }} as points
    on members.member_id = points.stripe_customer_id
group by members.person_id
