"""Money and other decimals: exact in arithmetic, printed without exponents."""

import csv
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from pathlib import Path

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.process.environment import PROJECT_ROOT

# Each currency's number of decimals at Stripe; one that isn't listed has two.
CURRENCIES = PROJECT_ROOT / "dbt_project" / "seeds" / "currencies.csv"
_USUAL_EXPONENT = 2

# Significant digits of a quotient; sums and products of a profile's values need fewer: exact.
DIGITS = 60
EXACT = Context(prec=DIGITS, rounding=ROUND_HALF_UP)
# Decimals printed of a quotient without a currency.
_PRINTED_DECIMALS = 10


class Number(Decimal):
    """A decimal that prints its digits, never an exponent: 0.00, not 0E-10."""

    def __str__(self) -> str:
        exponent = self.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > _PRINTED_DECIMALS:
            return format(rounded(self, _PRINTED_DECIMALS), "f").rstrip("0").rstrip(".")
        return format(self, "f")


class Amount(Number):
    """Money in the major unit, printed with its currency's decimals, rounded half up."""

    currency: str
    decimals: int

    def __new__(cls, value: Decimal | int, currency: str, decimals: int) -> "Amount":
        """Make an amount; its value keeps all digits."""
        amount = super().__new__(cls, value)
        amount.currency = currency
        amount.decimals = decimals
        return amount

    def __str__(self) -> str:
        return format(rounded(self, self.decimals), "f")


class Minor(int):
    """Money in the minor unit, such as cents; computing gives a plain number."""

    currency: str

    def __new__(cls, value: int, currency: str) -> "Minor":
        """Make an amount of a currency's minor units."""
        amount = super().__new__(cls, value)
        amount.currency = currency
        return amount

    def in_major_units(self) -> Amount:
        """Return the same amount in the major unit."""
        decimals = exponent_of(self.currency)
        return Amount(EXACT.scaleb(Decimal(int(self)), -decimals), self.currency, decimals)


def rounded(value: Decimal | int, decimals: int) -> Decimal:
    """Round half up (away from zero) to a number of decimals; a negative one means tens."""
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), context=EXACT)


def are_mixed(left: object, right: object) -> bool:
    """Return whether two values are amounts in different currencies, which are never added."""
    return (
        isinstance(left, Amount) and isinstance(right, Amount) and left.currency != right.currency
    )


def in_decimals(value: Decimal, currency: str) -> Amount:
    """Return an amount in the major unit with its currency's decimals, unless that rounds it."""
    exponent = exponent_of(currency)
    exact = rounded(value, exponent)
    if exact == value:
        return Amount(exact, currency, exponent)
    return Amount(value, currency, -int(value.as_tuple().exponent))


def exponent_of(currency: str) -> int:
    """Return the number of decimals that a currency has at Stripe."""
    return _exponents(CURRENCIES).get(currency, _USUAL_EXPONENT)


def currencies() -> Collection[str]:
    """Return the codes of the currencies that are known, in lower case."""
    return _exponents(CURRENCIES).keys()


@cache
def _exponents(path: Path) -> Mapping[str, int]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["currency"]: int(row["exponent"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError):
        raise PipelineError(
            f"The decimals of currencies can't be read from {path}; restore that file."
        ) from None
