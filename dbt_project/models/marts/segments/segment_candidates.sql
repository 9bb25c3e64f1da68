-- Who satisfies which segment's rule at the as-of instant.
{% for segment in var('segments') %}
    select
        '{{ segment }}' as segment,
        stripe_customer_id,
        why
    from {{ ref('segment_' ~ segment) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
