"""Compute cross rates into any currency from quotes of what one euro is worth."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from stripe_pipeline.errors import UsageError
from stripe_pipeline.rates.ecb import EURO, Quotes

# As many decimals as the warehouse keeps of a rate.
PLACES = Decimal("1E-18")
# Enough precision for a quotient of two quotes, its integer part and 18 decimals.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)

Rate = tuple[date, str, Decimal]  # day, currency, reporting units per one unit


def cross_rates(quotes: Quotes, reporting: str) -> Iterator[Rate]:
    """Yield what one unit of each other currency was worth in the reporting one, day by day.

    Quotients are rounded half up to 18 decimals. On a day without a quote of the reporting currency
    there is none.

    Raises:
        UsageError: the bank doesn't publish the reporting currency.
    """
    if reporting not in quotes.currencies:
        raise UsageError(
            f"The European Central Bank's file has no rate of {reporting}, the reporting currency, "
            "so none can be made from it; write the rates with `stripe-pipeline rates template`, "
            "or set STRIPE_PIPELINE_REPORTING_CURRENCY to a currency that it has."
        )
    for day, others in quotes.by_day.items():
        worth = {EURO: Decimal(1), **others}
        if reporting not in worth:
            continue
        for currency in sorted(worth.keys() - {reporting}):
            exact = _EXACT.divide(worth[reporting], worth[currency])
            yield day, currency, exact.quantize(PLACES, context=_EXACT)
