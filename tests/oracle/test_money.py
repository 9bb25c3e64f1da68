"""Hand-computed money: exponents, rounding, dated rates."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from .money import Fact, Rates, exponent, half_up, to_major

JAN = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("usd", 2), ("jpy", 0), ("mga", 0), ("kwd", 3), ("isk", 2), ("ugx", 2), ("huf", 2)],
)
def test_exponents_are_stripes(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_major_units() -> None:
    assert to_major(500, "isk") == Decimal("5.00")
    assert to_major(1500, "jpy") == Decimal(1500)
    assert to_major(-1230, "kwd") == Decimal("-1.230")


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("1/2", 1), ("-1/2", -1), ("49/100", 0), ("-3/2", -2), ("5/2", 3), ("-49/100", 0)],
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert half_up(Fraction(value)) == rounded


def test_the_newest_rate_on_or_before_the_day_converts() -> None:
    rates = Rates("usd", [(JAN, "eur", Decimal("1.1")), (date(2026, 1, 3), "eur", Decimal("1.2"))])
    assert rates.rate("eur", date(2025, 12, 31)) is None
    assert rates.rate("eur", date(2026, 1, 2)) == Fraction(11, 10)
    assert rates.rate("eur", date(2026, 1, 3)) == Fraction(6, 5)


def test_a_total_is_rounded_once() -> None:
    rates = Rates("usd", [(JAN, "eur", Decimal("1.005"))])
    cents = [Fact(10, "eur", JAN)] * 10  # 10 times 10.05 cents, not 10 times 10
    assert rates.total(cents) == 101


def test_a_missing_rate_makes_the_total_null_and_nothing_needs_none() -> None:
    rates = Rates("usd")
    assert rates.total([Fact(100, "usd", JAN), Fact(0, "eur", JAN)]) == 100
    assert rates.total([Fact(100, "usd", JAN), Fact(1, "eur", JAN)]) is None


def test_the_reporting_currency_ignores_its_own_rate() -> None:
    assert Rates("eur", [(JAN, "eur", Decimal(2))]).total([Fact(7, "eur", JAN)]) == 7


def test_yen_into_dinar_keeps_three_digits() -> None:
    rates = Rates("kwd", [(JAN, "jpy", Decimal("0.0020555"))])
    assert rates.total([Fact(1000, "jpy", JAN)]) == 2056  # 2.0555 dinar, half up
