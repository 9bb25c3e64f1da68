{#
    How staging takes a newer version of a customer: of one that was deleted nothing personal stays,
    only what its stub says, when it came and its test clock.
#}
{% macro merge_forgetting_the_deleted() -%}
    {{ return({
        'when_matched': [
            {
                'action': 'update',
                'mode': 'explicit',
                'condition': 'DBT_INTERNAL_SOURCE.is_stub',
                'update': {'exclude': ['created_at', 'test_clock_id', 'is_stub']},
            },
            {'action': 'update', 'mode': 'by_name'},
        ],
        'when_not_matched': [{'action': 'insert', 'mode': 'by_name'}],
    }) }}
{%- endmacro %}


{# How staging takes versions of which each has a row of its own: the same version replaces its row. #}
{% macro merge_replacing_rows() -%}
    {{ return({
        'when_matched': [{'action': 'update', 'mode': 'by_name'}],
        'when_not_matched': [{'action': 'insert', 'mode': 'by_name'}],
    }) }}
{%- endmacro %}
