"""Say which currencies' newest exchange rates are too old for what was converted with them."""

import duckdb

from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import counted

# The dbt test of marts.stale_exchange_rates, which warns.
STALE_RATES_CHECK = "is_empty_stale_exchange_rates_"
# More would not fit into a sentence.
_NAMED = 5

_FOUND = """
    select currency, rate_day::varchar, last_day::varchar, facts
    from marts.stale_exchange_rates
    order by facts desc, currency
"""


def stale_rates_sentence(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> str | None:
    """Return a sentence on the rates that are too old, or None where each is new enough."""
    found = warehouse.execute(_FOUND).fetchall()
    if not found:
        return None
    named = "; ".join(_named(*row) for row in found[:_NAMED])
    more = (
        f" and {counted(len(found) - _NAMED, 'more currency', 'more currencies')}"
        if len(found) > _NAMED
        else ""
    )
    limit = settings.rates_max_age_days
    return (
        f"Old exchange rates to {settings.reporting_currency} were taken, as there are no newer "
        f"ones: {named}{more}. Totals may be off and nothing is held; import newer rates with "
        "`stripe-pipeline rates import` and run again, or set STRIPE_PIPELINE_RATES_MAX_AGE_DAYS "
        f"above {limit} if that is exact enough."
    )


def _named(currency: str, rate_day: str, last_day: str, facts: int) -> str:
    return f"{currency} of {rate_day} for {counted(facts, 'amount')} up to {last_day}"
