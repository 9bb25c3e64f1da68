{{ config(materialized='table', contract={'enforced': true}) }}

-- The file that the setting names, or else the project's seed. The product checks the file before a
-- run (stripe_pipeline/inputs/exchange_rates.py); what isn't a date or a number stops the run here too.
{% set file = setting('exchange_rates', '') %}
with given as (
    {% if file %}
        select *
        from {{ csv_rows(file, {'day': 'VARCHAR', 'currency': 'VARCHAR', 'rate': 'VARCHAR'}) }}
    {% else %}
        select *
        from {{ ref('seed_exchange_rates') }}
    {% endif %}
)

select
    cast({{ 'trim(day)' if file else 'day' }} as date) as day,
    {{ lower_ascii('trim(currency)') }} as currency,
    cast({{ 'trim(rate)' if file else 'rate' }} as decimal(38, 18)) as rate
from given
-- A line of the template that isn't filled in yet.
where {{ "nullif(trim(rate), '')" if file else 'rate' }} is not null
