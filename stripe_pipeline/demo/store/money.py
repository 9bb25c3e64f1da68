"""Currencies and the arithmetic of amounts, all integers in Stripe's minor unit."""

from fractions import Fraction
from typing import NamedTuple


class Currency(NamedTuple):
    """A currency with Stripe's conventions.

    `exponent` is Stripe's own: ISK and UGX are sent times 100. `step` is the smallest amount that
    can be charged (KWD ends in 0, ISK and UGX in 00). `per_dollar` is the rate of the demo's
    prices.
    """

    exponent: int
    step: int
    per_dollar: Fraction


CURRENCIES = {
    "usd": Currency(2, 1, Fraction(1)),
    "eur": Currency(2, 1, Fraction(92, 100)),
    "gbp": Currency(2, 1, Fraction(79, 100)),
    "aud": Currency(2, 1, Fraction(152, 100)),
    "jpy": Currency(0, 1, Fraction(150)),
    "kwd": Currency(3, 10, Fraction(307, 1000)),
    "isk": Currency(2, 100, Fraction(138)),
    "ugx": Currency(2, 100, Fraction(3700)),
}


def local_amount(cents: int, currency: str) -> int:
    """Convert a price in US cents to a chargeable amount of another currency."""
    kind = CURRENCIES[currency]
    minor = Fraction(cents, 100) * kind.per_dollar * 10**kind.exponent
    chargeable: int = round(minor / kind.step) * kind.step
    return chargeable


def part_of(amount: int, ratio: Fraction, currency: str) -> int:
    """Return a share of an amount, rounded towards 0 to what can be charged."""
    step = CURRENCIES[currency].step
    share = abs(amount) * ratio // step * step
    return int(share) if amount >= 0 else -int(share)


def spread(total: int, weights: list[int], step: int = 1) -> list[int]:
    """Divide a total over weights without losing a unit; the last weighted part takes the rest.

    Parts are multiples of `step` when the total is one.
    """
    whole = sum(weights)
    if whole <= 0:
        return [0] * len(weights)
    parts = [total * weight // whole // step * step for weight in weights]
    last = max(index for index, weight in enumerate(weights) if weight)
    parts[last] += total - sum(parts)
    return parts
