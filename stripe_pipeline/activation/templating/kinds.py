"""The kinds of values in templates: their names in messages, and how they print."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from liquid.exceptions import FilterArgumentError
from liquid.undefined import Undefined
from markupsafe import Markup

MIXED_CURRENCIES = (
    "these amounts may be in different currencies, which are never added or compared; check the "
    "currency first, as in {% if profile.stripe_order_last_currency == reporting_currency %}"
)


def kind_of(value: object) -> str:
    """Return the name of a value's kind for messages, such as "a number".

    Raises:
        UndefinedError: the value is a part that isn't there, such as a map's missing key.
    """
    if isinstance(value, Undefined):
        return str(value)
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        ((int, float, Decimal), "a number"),
        (str, "a text"),
        (date, "a date"),
        (Mapping, "a map"),
        ((Sequence, range), "a list"),
    )
    return next((name for types, name in names if isinstance(value, types)), "nothing")


def as_text(value: object) -> str:
    """Return a value as it is printed: "" for a null, a list's items separated by commas."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple, range)):
        items = [as_text(item) for item in value]
        return (Markup(", ") if Markup in map(type, items) else ", ").join(items)
    return str(value)


def refusal(message: str) -> FilterArgumentError:
    """Return the error of a filter that can't take its value or argument.

    Its position in the template is added when the filter is applied.
    """
    return FilterArgumentError(message, token=None)
