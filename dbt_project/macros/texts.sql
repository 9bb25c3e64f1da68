{#
    A text with its letters A to Z in lower case, for codes such as currencies. What engines' `lower`
    makes of İ or of a last Σ differs.
#}
{% macro lower_ascii(text) -%}
    translate({{ text }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
{%- endmacro %}
