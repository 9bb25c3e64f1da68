select
    undecided.segment,
    undecided.stripe_customer_id,
    stays.stripe_customer_id is not null as is_member,
    undecided.fields
from {{ ref('int_undecided_members') }} as undecided
left join {{ ref('segment_history') }} as stays
    on
        undecided.segment = stays.segment
        and undecided.stripe_customer_id = stays.stripe_customer_id
        and stays.left_at is null
