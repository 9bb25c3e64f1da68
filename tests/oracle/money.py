"""Money: Stripe's exponents, conversion at a day's rate, and rounding; no floats anywhere."""

import csv
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

ZERO_DECIMAL = {
    *("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"),
    *("pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"),
}
THREE_DECIMAL = {"bhd", "jod", "kwd", "omr", "tnd"}


def exponent(currency: str) -> int:
    """Digits behind the point in Stripe's own counting (ISK and UGX are sent times 100)."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def to_major(minor: int | None, currency: str | None) -> Decimal | None:
    """An amount in the major unit, exactly."""
    if minor is None or currency is None:
        return None
    return Decimal(minor).scaleb(-exponent(currency))


def half_up(value: Fraction) -> int:
    """Round to a whole number, halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


@dataclass(frozen=True)
class Fact:
    """An amount of money with its currency (minor units) and its own calendar day."""

    amount: int | Fraction | None
    currency: str | None
    day: date


class Rates:
    """Dated exchange rates into one reporting currency."""

    def __init__(self, reporting: str, rows: Iterable[tuple[date, str, Decimal]] = ()) -> None:
        self.reporting = reporting
        self._by_currency: dict[str, list[tuple[date, Fraction]]] = {}
        for day, currency, rate in sorted(rows):
            self._by_currency.setdefault(currency, []).append((day, Fraction(rate)))

    def rate(self, currency: str, day: date) -> Fraction | None:
        """The rate in force on a day, or None where there is none."""
        dated = self.dated(currency, day)
        return Fraction(1) if currency == self.reporting else dated and dated[1]

    def dated(self, currency: str, day: date) -> tuple[date, Fraction] | None:
        """The newest rate on or before a day, with the day that it is of."""
        rows = self._by_currency.get(currency, [])
        at = bisect_right([row[0] for row in rows], day)
        return rows[at - 1] if at else None

    def convert(self, fact: Fact) -> Fraction | None:
        """A fact in major units of the reporting currency, at full precision; None if unknown."""
        if fact.amount == 0:
            return Fraction(0)
        if fact.amount is None or fact.currency is None:
            return None
        rate = self.rate(fact.currency, fact.day)
        if rate is None:
            return None
        return Fraction(fact.amount, 10 ** exponent(fact.currency)) * rate

    def total(self, facts: Iterable[Fact]) -> int | None:
        """The sum of facts in the reporting minor unit, rounded once; None if a rate lacks."""
        converted = [self.convert(fact) for fact in facts]
        if any(value is None for value in converted):
            return None
        exact = sum((value for value in converted if value is not None), Fraction(0))
        return half_up(exact * 10 ** exponent(self.reporting))


def in_both_units(amounts: dict[str, int | None], currency: str | None) -> dict[str, object]:
    """Each amount in the major unit under its name, and as `<name>_minor`."""
    row: dict[str, object] = {}
    for name, minor in amounts.items():
        row[name], row[f"{name}_minor"] = to_major(minor, currency), minor
    return row


def read_rates(path: Path) -> list[tuple[date, str, Decimal]]:
    """Read a CSV `day,currency,rate`."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            (date.fromisoformat(row["day"]), row["currency"].lower(), Decimal(row["rate"]))
            for row in csv.DictReader(file)
        ]
