"""Say which exchange rates are missing, since when, and how to get them."""

import duckdb

from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import counted

# The dbt test of marts.missing_exchange_rates, which warns.
MISSING_RATES_CHECK = "is_empty_missing_exchange_rates_"
# More would not fit into a sentence.
_NAMED = 5

Gap = tuple[str, str, str, int]  # currency, first day, last day, number of days

_GAPS = """
    select currency, min(day)::varchar, max(day)::varchar, count(distinct day)
    from marts.missing_exchange_rates
    group by currency
    order by currency
"""
_HELD = """
    select
        (select count(distinct stripe_customer_id) from marts.unrated_fields),
        (select count(*) from marts.undecided_members)
"""


def missing_rates_sentence(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> str | None:
    """Return a sentence on the rates that the warehouse lacks, or None where it lacks none."""
    gaps: list[Gap] = warehouse.execute(_GAPS).fetchall()
    if not gaps:
        return None
    return (
        f"Exchange rates to {settings.reporting_currency} are missing for {named_gaps(gaps)}: "
        f"{_held(warehouse)} until they are there; get them with `stripe-pipeline rates import`, "
        "or fill in the file that `stripe-pipeline rates template` writes, and run again."
    )


def _held(warehouse: duckdb.DuckDBPyConnection) -> str:
    """Return what the rates hold up; without figures where a partial run didn't compute them."""
    try:
        [(customers, undecided)] = warehouse.execute(_HELD).fetchall()
    except duckdb.CatalogException:
        return "the totals that need them are unknown, and what is made of these is held"
    return (
        f"totals of {counted(customers, 'customer')} are unknown, in "
        f"{counted(undecided, 'case')} a segment can't decide and leaves them in or out, and "
        "messages that name such a total are held"
    )


def named_gaps(gaps: list[Gap]) -> str:
    """Return the first few currencies with their days, in words."""
    named = "; ".join(_gap(*gap) for gap in gaps[:_NAMED])
    more = (
        f" and {counted(len(gaps) - _NAMED, 'more currency', 'more currencies')}"
        if len(gaps) > _NAMED
        else ""
    )
    return named + more


def _gap(currency: str, first: str, last: str, days: int) -> str:
    if days == 1:
        return f"{currency} on {first}"
    return f"{currency} on {days:,} days from {first} to {last}"
