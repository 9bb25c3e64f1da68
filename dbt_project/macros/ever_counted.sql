{# Whether a refund, dispute or credit note in this status takes money back from an order. #}
{% macro counts_in_status(resource, status) -%}
    coalesce({{ status }}, '') {{ {
        'refunds': "not in ('failed', 'canceled')",
        'disputes': "= 'lost'",
        'credit_notes': "= 'issued'",
    }[resource] }}
{%- endmacro %}


{#
    Whether any version of an object counted (CTE body: id, was_counted). The points that it then
    reversed are in the ledger for good, so its newest version alone doesn't tell.
#}
{% macro ever_counted(resource) %}
    select
        id,
        bool_or({{ counts_in_status(resource, 'status') }}) as was_counted
    from (
        select
            id,
            body ->> '$.status' as status
        from {{ source('lake', resource) }}
        where {{ unread_batches() if is_incremental() else 'true' }}
    )
    group by id
{% endmacro %}


{# How such a model takes a newer version: what counted once has counted. #}
{% macro merge_keeping_was_counted() -%}
    {{ return({
        'when_matched': [{
            'action': 'update',
            'mode': 'explicit',
            'update': {'set_expressions': {
                'was_counted': 'DBT_INTERNAL_DEST.was_counted or DBT_INTERNAL_SOURCE.was_counted',
            }},
        }],
        'when_not_matched': [{'action': 'insert', 'mode': 'by_name'}],
    }) }}
{%- endmacro %}
