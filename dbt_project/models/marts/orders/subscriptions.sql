{%- set is_own_currency = 'coalesce(invoiced.currency = terms.currency, false)' -%}

-- What was invoiced is unknown where invoices may not be read, and its sums are where it was in
-- another currency than the subscription's.
with known as (
    select
        terms.*,
        case when readable.invoices then coalesce(invoiced.invoices, 0) end as invoices,
        case
            when not readable.invoices then null
            when invoiced.subscription_id is null then 0
            when {{ is_own_currency }} then invoiced.billed_minor
        end as billed_minor,
        case
            when not readable.invoices then null
            when invoiced.subscription_id is null then 0
            when {{ is_own_currency }} then invoiced.paid_minor
        end as paid_minor
    from {{ ref('int_subscription_terms') }} as terms
    cross join {{ ref('int_readable_resources') }} as readable
    left join {{ ref('int_subscription_invoices') }} as invoiced
        on terms.subscription_id = invoiced.subscription_id
)

select
    known.subscription_id,
    known.stripe_customer_id,
    known.subscription_status,
    known.counted_status,
    known.has_paused_collection,
    known.currency,
    known.mrr,
    known.mrr_minor,
    known.plan_names,
    known.created_at,
    known.started_at,
    known.trial_started_at,
    known.trial_ends_at,
    known.current_period_ends_at,
    known.cancels_at,
    known.is_cancelled_at_period_end,
    known.cancellation_requested_at,
    known.ended_at,
    known.invoices,
    {{ to_major('known.billed_minor', 'coalesce(currencies.exponent, 2)') }} as billed,
    {{ to_major('known.paid_minor', 'coalesce(currencies.exponent, 2)') }} as paid,
    cast(known.billed_minor as bigint) as billed_minor,
    cast(known.paid_minor as bigint) as paid_minor,
    known.ended_reason,
    known.cancellation_feedback
from known
left join {{ ref('currencies') }} as currencies
    on known.currency = currencies.currency
