-- The members of every person who isn't a single customer: of these the figures are computed, a
-- single customer's are the profile's.
select
    person_id,
    member_id,
    member_type,
    known_since
from {{ ref('int_member_persons') }}
where
    not is_alone
    or member_type = 'guest_payment'
