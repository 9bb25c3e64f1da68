-- Who belongs to a person, and what of their profiles can be added up.
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
    cast(coalesce(sum(profiles.stripe_subscription_active), 0) as bigint) as active,
    cast(coalesce(sum(profiles.stripe_subscription_cancelled), 0) as bigint) as cancelled,
    cast(coalesce(sum(profiles.stripe_subscription_paused), 0) as bigint) as paused,
    cast(coalesce(sum(profiles.stripe_subscription_trial), 0) as bigint) as trial,
    cast(coalesce(sum(profiles.stripe_subscription_past_due), 0) as bigint) as past_due,
    cast(coalesce(sum(profiles.stripe_loyalty_points), 0) as bigint) as loyalty_points
from {{ ref('int_joined_members') }} as members
left join {{ ref('customer_profiles') }} as profiles
    on members.member_id = profiles.stripe_customer_id
group by members.person_id
