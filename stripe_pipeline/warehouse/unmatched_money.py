"""Say which payments are in no order, and which orders don't match what was paid for them."""

import duckdb

from stripe_pipeline.settings import Settings

# The dbt test of marts.unmatched_money, which warns.
UNMATCHED_MONEY_CHECK = "is_empty_unmatched_money_"
# More would not fit into a sentence.
_NAMED = 5

_FOUND = """
    select object_id, currency, paid::varchar, collected::varchar, reason, count(*) over ()
    from marts.unmatched_money
    order by abs(paid_minor - collected_minor) desc, object_id
    limit ?
"""
_SUMS = """
    select
        money.currency,
        sum(money.paid_minor),
        sum(money.collected_minor),
        coalesce(any_value(currencies.exponent), 2)
    from intermediate.int_order_money as money
    left join seeds.currencies as currencies on money.currency = currencies.currency
    group by money.currency
    having bool_or(money.reason is not null)
    order by money.currency
"""


def unmatched_money_sentence(
    settings: Settings, warehouse: duckdb.DuckDBPyConnection
) -> str | None:
    """Return a sentence on the money that doesn't reconcile, or None where all of it does."""
    found = warehouse.execute(_FOUND, [_NAMED]).fetchall()
    if not found:
        return None
    sums = "; ".join(_sum(*row) for row in warehouse.execute(_SUMS).fetchall())
    more = f" and {found[0][5] - _NAMED:,} more" if found[0][5] > _NAMED else ""
    named = "; ".join(_named(*row[:5]) for row in found)
    return (
        f"Payments and orders don't tie ({sums}): {named}{more}. `stripe-pipeline reconcile` reads "
        "what the lake lacks; marts.unmatched_money has what remains, and nothing is held up by it."
    )


def _sum(currency: str | None, paid: int, collected: int, exponent: int) -> str:
    return (
        f"{currency or 'no currency'} {_major(paid, exponent)} paid, "
        f"{_major(collected, exponent)} in orders"
    )


def _major(minor: int, exponent: int) -> str:
    """Format an amount in the major unit, exactly."""
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(exponent + 1, "0")
    whole, rest = (digits[:-exponent], f".{digits[-exponent:]}") if exponent else (digits, "")
    return f"{sign}{int(whole):,}{rest}"


def _named(key: str, currency: str | None, paid: str, collected: str, reason: str) -> str:
    amounts = f"{paid} paid, {collected} collected"
    return f"{key} ({currency or 'no currency'}: {amounts}; {reason})"
