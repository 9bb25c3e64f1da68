"""Prices, and the plans of before: what a quantity costs a billing period, and how often."""

from fractions import Fraction
from typing import Any

from .objects import Body

MONTHLY = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}


MOST = 10**13
_TIER_AMOUNTS = ("unit_amount", "unit_amount_decimal", "flat_amount", "flat_amount_decimal")


class UnknownAmountError(ValueError):
    """An amount can't be told, so nothing that rests on it can."""


def recurrence(price: Body) -> Body:
    """Interval, count and usage; a plan holds them itself."""
    if price.get("object") == "plan" or "interval" in price:
        return price
    return price.get("recurring") or {}


def per_month(price: Body) -> Fraction | None:
    """Billing periods a month; None for a price that is paid once."""
    if not price:
        raise UnknownAmountError("a price that no one read")
    every = recurrence(price)
    if not every:
        return None
    if every.get("interval") not in MONTHLY:
        raise UnknownAmountError("an interval that Stripe has invented since")
    count = every.get("interval_count")
    if count is not None and count <= 0:
        raise UnknownAmountError("a period of no length")
    return MONTHLY[every["interval"]] / (1 if count is None else count)


def amount_of(price: Body, row: Body, currency: str, quantity: int) -> Fraction:
    """The minor units for this quantity a billing period, from the price or its row in the list."""
    amounts = _in_currency(price, row, currency)
    count = _transformed(price, quantity)
    if price.get("billing_scheme") != "tiered":
        return _cost(_required(amounts, "unit_amount", "amount"), count)
    tiers = amounts.get("tiers")
    if not tiers:
        raise UnknownAmountError("tiers that may not be read")
    if price.get("tiers_mode") == "volume":
        return _volume(tiers, count)
    if price.get("tiers_mode") == "graduated":
        return _graduated(tiers, count)
    raise UnknownAmountError("a mode of tiers that Stripe has invented since")


def unit_amount(price: Body, row: Body, currency: str) -> Fraction:
    """The price of one unit, or of one pack, in the minor unit."""
    return _required(_in_currency(price, row, currency), "unit_amount", "amount")


def _in_currency(price: Body, row: Body, currency: str) -> Body:
    """Where the amounts stand: in the price, or among the listed one's other currencies."""
    if (price.get("currency") or "").lower() == currency:
        return {**price, "tiers": price.get("tiers") or row.get("tiers")}
    option = (row.get("currency_options") or {}).get(currency)
    if option is None:
        raise UnknownAmountError("a price without this currency")
    return dict(option)


def _transformed(price: Body, quantity: int) -> int:
    """The packages that a quantity makes."""
    rule = price.get("transform_quantity") or price.get("transform_usage")
    if not rule:
        return quantity
    if rule.get("divide_by") is None:
        return quantity
    if rule["divide_by"] <= 0 or rule.get("round") not in {"up", "down"}:
        raise UnknownAmountError("a package that can't be")
    size: int = rule["divide_by"]
    whole, rest = divmod(quantity, size)
    return whole + (1 if rest and rule["round"] == "up" else 0)


def _required(body: Body, *names: str) -> Fraction:
    for name in names:
        for value in (body.get(f"{name}_decimal"), body.get(name)):
            if (number := _number(value)) is not None:
                return number
    raise UnknownAmountError("a price of no fixed amount")


def _amount(tier: Body, name: str) -> Fraction:
    """One of a tier's two amounts; 0 beside the other, and unknown where there is neither."""
    if all(_number(tier.get(each)) is None for each in _TIER_AMOUNTS):
        raise UnknownAmountError("a tier without an amount")
    values = (_number(tier.get(f"{name}_decimal")), _number(tier.get(name)))
    return next((value for value in values if value is not None), Fraction(0))


def _number(value: Any) -> Fraction | None:
    """A number, or one in a text; None where it is none, or more than any amount."""
    try:
        number = Fraction(str(value))
    except ValueError:
        return None
    return number if abs(number) <= MOST else None


def _cost(unit: Fraction, count: int) -> Fraction:
    if abs(unit * count) > MOST:
        raise UnknownAmountError("more than any amount")
    return unit * count


def _volume(tiers: list[Body], count: int) -> Fraction:
    """All at the price of the one tier that the quantity falls in."""
    for tier in tiers:
        if tier.get("up_to") is None or count <= tier["up_to"]:
            return _cost(_amount(tier, "unit_amount"), count) + _amount(tier, "flat_amount")
    raise UnknownAmountError("more than the last tier holds")


def _graduated(tiers: list[Body], count: int) -> Fraction:
    """Each part at the price of its tier, and the flat amount of each tier that is reached."""
    total, reached = Fraction(0), 0
    for number, tier in enumerate(tiers):
        if number and count <= reached:
            break
        up_to = count if tier.get("up_to") is None else min(count, tier["up_to"])
        total += _cost(_amount(tier, "unit_amount"), max(up_to - reached, 0))
        total += _amount(tier, "flat_amount")
        reached = count if tier.get("up_to") is None else tier["up_to"]
    if count > reached:
        raise UnknownAmountError("more than the last tier holds")
    return total
