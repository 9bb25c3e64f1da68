{#
    Money of payments divided over the invoices that they pay (query: `key`, order_id, share_minor),
    by what each was paid, rounded down in the order of (created, id), the remainder on the last;
    all on the last where nothing was paid. `payments` is a relation with `key`, charge_id,
    payment_intent_id and amount_minor. An invoice that a payment pays twice has two shares.
#}
{% macro shares_of_invoices(payments, key) %}
    with links as (
        {% for named_by in ['charge_id', 'payment_intent_id'] %}
        select
            payments.{{ key }},
            payments.amount_minor,
            links.link_id,
            links.invoice_id,
            links.amount_paid_minor,
            links.created_at
        from {{ payments }} as payments
        inner join {{ ref('int_payment_links') }} as links
            on payments.{{ named_by }} = links.{{ named_by }}
        {{ 'union' if not loop.last }}
        {% endfor %}
    ),

    weighed as (
        select
            *,
            sum(amount_paid_minor) over (partition by {{ key }}) as payment_minor,
            row_number() over (
                partition by {{ key }}
                order by created_at desc nulls last, link_id desc
            ) = 1 as is_last
        from links
    ),

    rounded_down as (
        select
            {{ key }},
            amount_minor,
            invoice_id,
            is_last,
            case
                when is_last or payment_minor = 0 then 0
                else {{ pro_rata('amount_minor', 'amount_paid_minor', 'payment_minor') }}
            end as share_minor
        from weighed
    )

    select
        {{ key }},
        invoice_id as order_id,
        case
            when is_last
                then amount_minor - sum(share_minor) over (partition by {{ key }})
            else share_minor
        end as share_minor
    from rounded_down
{% endmacro %}
