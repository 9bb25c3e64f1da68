{#
    An email address trimmed and in lower case, or null if it is none: one @, a non-empty local
    part, a dotted domain, no blanks or controls (Unicode Z, Cc and Cf) inside. International
    domains stay in Unicode. The function is contacts/mailboxes.py's.
#}
{% macro normalize_email(text) -%}
    {{ return(adapter.dispatch('normalize_email')(text)) }}
{%- endmacro %}

{% macro duckdb__normalize_email(text) -%}
    normalize_email({{ text }})
{%- endmacro %}


{# A text without the blanks and controls (Unicode Z, Cc and Cf) at its ends. #}
{% macro trim_blanks(text) -%}
    {{ return(adapter.dispatch('trim_blanks')(text)) }}
{%- endmacro %}

{% macro duckdb__trim_blanks(text) -%}
    regexp_replace({{ text }}, '\A[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+\z', '', 'g')
{%- endmacro %}


{#
    The one spelling of the mailbox that an email address means, by which addresses are compared:
    the local part in NFC, the domain in its ASCII form. What means none stands for itself. The
    function is contacts/mailboxes.py's.
#}
{% macro mailbox(email) -%}
    {{ return(adapter.dispatch('mailbox')(email)) }}
{%- endmacro %}

{% macro duckdb__mailbox(email) -%}
    coalesce(mailbox_of({{ email }}), {{ email }})
{%- endmacro %}


{# Who a mailbox is named after: what stands before the @, and before any "+". #}
{% macro mailbox_name(mailbox) -%}
    {{ return(adapter.dispatch('mailbox_name')(mailbox)) }}
{%- endmacro %}

{% macro duckdb__mailbox_name(mailbox) -%}
    regexp_extract({{ mailbox }}, '^[^@+]*')
{%- endmacro %}


{# Whether mail can be sent to a normalized email address, as far as its form tells; null of null. #}
{% macro is_deliverable(email) -%}
    {{ return(adapter.dispatch('is_deliverable')(email)) }}
{%- endmacro %}

{% macro duckdb__is_deliverable(email) -%}
    case when {{ email }} is not null then is_valid_email({{ email }}) end
{%- endmacro %}


{#
    A phone number in E.164, or null if it is none; `country`, a code, says how a number without a
    country's is meant. The function is contacts/phone_and_email.py's.
#}
{% macro phone_number(text, country) -%}
    {{ return(adapter.dispatch('phone_number')(text, country)) }}
{%- endmacro %}

{% macro duckdb__phone_number(text, country) -%}
    normalize_phone({{ text }}, {{ country }})
{%- endmacro %}


{# The code of a country that a text names, or null. The function is contacts/countries.py's. #}
{% macro country_of(text) -%}
    {{ return(adapter.dispatch('country_of')(text)) }}
{%- endmacro %}

{% macro duckdb__country_of(text) -%}
    country_code({{ text }})
{%- endmacro %}


{# The tag of a locale, or null if it is none. The function is contacts/languages.py's. #}
{% macro locale_of(text) -%}
    {{ return(adapter.dispatch('locale_of')(text)) }}
{%- endmacro %}

{% macro duckdb__locale_of(text) -%}
    language_tag({{ text }})
{%- endmacro %}


{# The first name of the person whom Stripe's name fields name, or null: contacts/names.py. #}
{% macro first_name_of(name, business='null', individual='null') -%}
    {{ return(adapter.dispatch('first_name_of')(name, business, individual)) }}
{%- endmacro %}

{% macro duckdb__first_name_of(name, business, individual) -%}
    first_name({{ name }}, {{ business }}, {{ individual }})
{%- endmacro %}


{# The last name of the person whom Stripe's name fields name, or null: contacts/names.py. #}
{% macro last_name_of(name, business='null', individual='null') -%}
    {{ return(adapter.dispatch('last_name_of')(name, business, individual)) }}
{%- endmacro %}

{% macro duckdb__last_name_of(name, business, individual) -%}
    last_name({{ name }}, {{ business }}, {{ individual }})
{%- endmacro %}
