{%- set file = setting('exchange_rates', '') -%}

-- The file that the setting names, or else the project's seed.
select
    cast(day as date) as day,
    lower(trim(currency)) as currency,
    cast(rate as decimal(38, 18)) as rate
from
    {% if file -%}
    read_csv(
        {{ literal(file) }},
        header = true,
        columns = {'day': 'DATE', 'currency': 'VARCHAR', 'rate': 'DECIMAL(38, 18)'}
    )
    {%- else -%}
    {{ ref('seed_exchange_rates') }}
    {%- endif %}
