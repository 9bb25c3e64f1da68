{# The fields of a coupon that say what comes off, for parse_json. #}
{% macro coupon_shape() -%}
    {{ return({
        'name': 'VARCHAR',
        'percent_off': 'VARCHAR',
        'amount_off': 'BIGINT',
        'currency': 'VARCHAR',
        'currency_options': 'MAP(VARCHAR, STRUCT(amount_off BIGINT))',
        'duration': 'VARCHAR',
        'applies_to': {'products': ['VARCHAR']},
    }) }}
{%- endmacro %}


{#
    A list of discounts, each an id or a whole object as text (see reference), as structs: the
    discount's id; its coupon's id and name; when it begins and ends (Unix seconds); and the coupon
    as text, where the discount holds it whole, as before 2025-09. Of one of which only the id came
    nothing else is known.
#}
{% macro discount_terms(texts) -%}
    {%- set shape = {
        'id': 'VARCHAR', 'start': 'BIGINT', 'end': 'BIGINT', 'source': {'coupon': 'VARCHAR'},
        'coupon': 'VARCHAR',
    } -%}
    {%- set coupon = 'coalesce(given.whole.source.coupon, given.whole.coupon)' -%}
    {%- set parsed = each(
        texts, 'text', struct_of({'text': 'text', 'whole': parse_expanded('text', shape)})
    ) -%}
    {{ each(parsed, 'given', struct_of({
        'discount_id': 'case when given.whole is null then given.text else given.whole.id end',
        'coupon_id': reference(coupon),
        'coupon_name': expanded(coupon, 'name'),
        'starts': 'given.whole.' ~ adapter.quote('start'),
        'ends': 'given.whole.' ~ adapter.quote('end'),
        'coupon': 'case when ' ~ is_whole(coupon) ~ ' then ' ~ coupon ~ ' end',
    })) }}
{%- endmacro %}
