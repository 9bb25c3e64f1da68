select
    channel,
    address,
    bool_or(status = 'opt_in') and not bool_or(status = 'opt_out') as is_opted_in,
    max(occurred_at) filter (where status = 'opt_in') as opted_in_at,
    max(occurred_at) filter (where status = 'opt_out') as opted_out_at
from {{ ref('consent') }}
group by channel, address
