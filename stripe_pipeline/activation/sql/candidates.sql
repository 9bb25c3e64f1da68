-- The customer of each unit whose address and profile the message uses.

create or replace temp table candidates as
select *
from judged_customers
qualify row_number() over (
    partition by unit
    order by
        coalesce(
            list_position(
                [
                    'missing_rate', 'duplicate_address', 'no_consent', 'unsafe_address',
                    'undeliverable', 'no_address'
                ],
                obstacle
            ),
            0
        ),
        entered_at,
        stripe_customer_id
) = 1;
