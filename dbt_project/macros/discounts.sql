{#
    A list of discounts, each an id or a whole object as text (see reference), as a list of structs:
    the discount's id, and its coupon's id and name as far as the object tells them. Before 2025-09
    a discount held its coupon, since then its source names it.
#}
{% macro discounts_of(texts) -%}
    {%- set coupon = 'coalesce(' ~ expanded('discount', 'source.coupon') ~ ', ' ~ expanded('discount', 'coupon') ~ ')' -%}
    {{ each(texts, 'discount', struct_of({
        'discount_id': reference('discount'),
        'coupon_id': reference(coupon),
        'coupon_name': expanded(coupon, 'name'),
    })) }}
{%- endmacro %}


{# Those of such a list of texts that are whole, with their terms: ids elsewhere may name them. #}
{% macro whole_discounts_of(texts) -%}
    {{ return(adapter.dispatch('whole_discounts_of')(texts)) }}
{%- endmacro %}

{% macro duckdb__whole_discounts_of(texts) -%}
    {{ discount_terms('list_filter(' ~ texts ~ ", lambda text: starts_with(text, '{'))") }}
{%- endmacro %}


{#
    All discounts that an object and its lines or items hold, as texts, the one of before 2025-03
    too; ids are among them, and nulls.
#}
{% macro all_discounts(object, parts) -%}
    {{ joined_lists([
        object ~ '.discounts', list_of([object ~ '.discount']), joined_field(parts, 'discounts')
    ]) }}
{%- endmacro %}


{# The one discount that a customer may have, as a list of texts. #}
{% macro given_discount(object) -%}
    case when {{ object }}.discount is not null then {{ list_of([object ~ '.discount']) }} end
{%- endmacro %}


{# The discounts on an object, as texts: the list, or before 2025-03 the one. #}
{% macro given_discounts(object) -%}
    case
        when {{ list_length(object ~ '.discounts') }} > 0 then {{ object }}.discounts
        when {{ object }}.discount is not null then {{ list_of([object ~ '.discount']) }}
    end
{%- endmacro %}
