"""Arithmetic in templates: exact, and null where a value isn't known.

Amounts stay amounts, in their currency and with its decimals. A null makes the result null, which
prints as nothing and takes `default`, as does a division by 0; no null counts as 0.
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal

from stripe_pipeline.activation.templating.kinds import MIXED_CURRENCIES, kind_of, refusal
from stripe_pipeline.values.money import (
    DIGITS,
    EXACT,
    Amount,
    Number,
    are_mixed,
    rounded,
)

Numeric = int | Decimal
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,40}(\.[0-9]{1,40})?\s*", re.ASCII)
_MAGNITUDE = 10 ** (DIGITS // 2)
_MOST_DECIMALS = 20


def number(value: object, name: str) -> Numeric | None:
    """Return a filter's value as a number, a null as None.

    Raises:
        FilterArgumentError: it is no number, nor a text of digits.
    """
    if value is None or (isinstance(value, (int, Decimal)) and not isinstance(value, bool)):
        return value
    if isinstance(value, float):
        return Number(repr(value))
    if isinstance(value, str) and (found := text_number(value)) is not None:
        return found
    raise refusal(f"{name} takes a number, not {kind_of(value)}")


def text_number(text: str) -> Numeric | None:
    """Return the number that a text is, such as 12 or -0.5; None if it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    return Number(text.strip()) if "." in text else int(text)


def like(result: Numeric, *operands: Numeric) -> Numeric:
    """Return a result as money if one of the numbers that it comes from is money."""
    if abs(result) > _MAGNITUDE:
        raise refusal("a number is too large")
    amounts = [operand for operand in operands if isinstance(operand, Amount)]
    if amounts:
        return Amount(result, amounts[0].currency, max(each.decimals for each in amounts))
    return Number(result) if isinstance(result, Decimal) else result


def refuse_mixed(left: object, right: object) -> None:
    """Refuse to compute with amounts in different currencies."""
    if are_mixed(left, right):
        raise refusal(MIXED_CURRENCIES)


def _binary(
    name: str, compute: Callable[[Numeric, Numeric], Numeric | None]
) -> Callable[[object, object], Numeric | None]:
    def apply(value: object, other: object) -> Numeric | None:
        left, right = number(value, name), number(other, name)
        if left is None or right is None:
            return None
        refuse_mixed(left, right)
        result = compute(left, right)
        return None if result is None else like(result, left, right)

    return apply


def _unary(name: str, compute: Callable[[Numeric], Numeric]) -> Callable[[object], Numeric | None]:
    def apply(value: object) -> Numeric | None:
        found = number(value, name)
        return None if found is None else compute(found)

    return apply


def _abs(value: Numeric) -> Numeric:
    # The built-in abs() would round to the 28 digits of the default context.
    return abs(value) if isinstance(value, int) else like(value.copy_abs(), value)


def _plus(left: Numeric, right: Numeric) -> Numeric:
    return left + right if _whole(left, right) else EXACT.add(left, right)


def _minus(left: Numeric, right: Numeric) -> Numeric:
    return left - right if _whole(left, right) else EXACT.subtract(left, right)


def _times(left: Numeric, right: Numeric) -> Numeric:
    return left * right if _whole(left, right) else EXACT.multiply(left, right)


def _whole(left: Numeric, right: Numeric) -> bool:
    return isinstance(left, int) and isinstance(right, int)


def _modulo(left: Numeric, right: Numeric) -> Numeric | None:
    """Return the remainder, with the divisor's sign as in Liquid."""
    if right == 0:
        return None
    if _whole(left, right):
        return left % right
    remainder = EXACT.remainder(left, right)
    return (
        EXACT.add(remainder, right) if remainder and (remainder < 0) != (right < 0) else remainder
    )


def _divided_by(value: object, other: object) -> Numeric | None:
    """Divide; two whole numbers give a whole one, rounded down, and money by money a ratio."""
    left, right = number(value, "divided_by"), number(other, "divided_by")
    if left is None or right is None or right == 0:
        return None
    refuse_mixed(left, right)
    if _whole(left, right):
        return left // right
    quotient = EXACT.divide(left, right)
    return Number(quotient) if isinstance(right, Amount) else like(quotient, left)


def _round(value: object, decimals: object = 0) -> Numeric | None:
    """Round half up; an amount keeps at most its currency's decimals."""
    found, digits = number(value, "round"), number(decimals, "round")
    if found is None:
        return None
    if not isinstance(digits, int) or abs(digits) > _MOST_DECIMALS:
        raise refusal("round takes a whole number of decimals")
    result = rounded(found, digits)
    if digits <= 0 or isinstance(found, int):
        return int(result) if digits <= 0 else found
    if isinstance(found, Amount):
        decimals = min(digits, found.decimals)
        return Amount(rounded(found, decimals), found.currency, decimals)
    return Number(result)


FILTERS: dict[str, Callable[..., object]] = {
    "abs": _unary("abs", _abs),
    "at_least": _binary("at_least", max),
    "at_most": _binary("at_most", min),
    "ceil": _unary("ceil", math.ceil),
    "divided_by": _divided_by,
    "floor": _unary("floor", math.floor),
    "minus": _binary("minus", _minus),
    "modulo": _binary("modulo", _modulo),
    "plus": _binary("plus", _plus),
    "round": _round,
    "times": _binary("times", _times),
}
