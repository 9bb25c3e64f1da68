{#
    A subscription's items as structs. The price is parsed where the item holds
    it whole; the plan, as older objects call it, only where there is no such price.
#}
{% macro subscription_items_of(items) -%}
    {{ each(items, 'item', struct_of({
        'id': 'item.id',
        'quantity': 'item.quantity',
        'current_period_start': 'item.current_period_start',
        'current_period_end': 'item.current_period_end',
        'price_id': 'coalesce(' ~ reference('item.price') ~ ', ' ~ reference('item.plan') ~ ')',
        'price': parse_expanded('item.price', price_shape()),
        'plan': 'case when not coalesce(' ~ is_whole('item.price') ~ ', false) then '
            ~ parse_expanded('item.plan', plan_shape()) ~ ' end',
        'discounts': discount_terms('item.discounts'),
    })) }}
{%- endmacro %}


{#
    The items of a subscription as parsed; of one from before 2017, which has no list of them, its
    one plan as an item. Null where none is seen.
#}
{% macro given_items(subscription) -%}
    case
        when {{ list_length(subscription ~ '.items.data') }} > 0 then {{ subscription }}.items.data
        when {{ subscription }}.plan is not null
            then {{ list_of([struct_of({
                'id': reference(subscription ~ '.plan'),
                'quantity': subscription ~ '.quantity',
                'current_period_start': 'null',
                'current_period_end': 'null',
                'price': 'null',
                'plan': subscription ~ '.plan',
                'discounts': 'null',
            })]) }}
    end
{%- endmacro %}
