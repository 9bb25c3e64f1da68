-- The file that the setting names, or else the project's seed.
{% set file = setting('exchange_rates', '') %}
{% set columns = "{'day': 'DATE', 'currency': 'VARCHAR', 'rate': 'DECIMAL(38, 18)'}" %}
with given as (
    {% if file %}
        select *
        from read_csv({{ literal(file) }}, header = true, columns = {{ columns }})
    {% else %}
        select *
        from {{ ref('seed_exchange_rates') }}
    {% endif %}
)

select
    cast(day as date) as day,
    lower(trim(currency)) as currency,
    cast(rate as decimal(38, 18)) as rate
from given
