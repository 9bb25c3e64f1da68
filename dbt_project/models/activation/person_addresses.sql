{{ config(materialized='table') }}

-- Where people can be reached: what their customers' profiles say, what those customers typed at
-- Checkout, and what their guest payments name.
with given as (
    select
        customer_id as member_id,
        email,
        phone
    from {{ ref('int_live_customers') }}

    union all

    select
        customer_id as member_id,
        email,
        null as phone
    from {{ ref('int_checkout_sessions') }}
    where customer_id is not null

    union all

    select
        order_id as member_id,
        email,
        phone
    from {{ ref('int_guest_contacts') }}
),

addresses as (
    select
        member_id,
        'email' as channel,
        email as address
    from given

    union all

    select
        member_id,
        'sms' as channel,
        phone as address
    from given
)

select distinct
    persons.person_id,
    persons.member_type,
    addresses.member_id,
    addresses.channel,
    addresses.address,
    case
        when addresses.channel = 'email'
            then emails.mailbox
        else addresses.address
    end as compared_as
from addresses
inner join {{ ref('int_member_persons') }} as persons
    on addresses.member_id = persons.member_id
left join {{ ref('stg_contacts__emails') }} as emails
    on addresses.channel = 'email' and addresses.address = emails.raw
where
    addresses.address is not null
    and {{ all_normalized({
        "case when addresses.channel = 'email' then addresses.address end": 'emails.raw',
    }) }}
