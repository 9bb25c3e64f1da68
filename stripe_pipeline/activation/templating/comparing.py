"""Compare values in templates: only values of one kind compare, and null equals only null.

Numbers compare by their exact value, dates by their day, texts letter by letter. A text with a date
is compared as a date where it is one. What can't be equal, such as a number and a text, is refused
rather than silently unequal; a null is only equal to a null, and neither smaller nor larger.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from liquid.builtin.expressions.primitive import Blank, Empty
from liquid.exceptions import LiquidTypeError
from liquid.undefined import Undefined

from stripe_pipeline.activation.templating.kinds import MIXED_CURRENCIES, as_text, kind_of
from stripe_pipeline.values.money import Number, are_mixed


def known(value: object) -> object:
    """Return a value to compare; None for a part that isn't there."""
    if isinstance(value, Undefined):
        return None
    return Number(repr(value)) if isinstance(value, float) else value


def equal(left: object, right: object) -> bool:
    """Return whether two values are equal.

    Raises:
        LiquidTypeError: they are of kinds that are never equal.
    """
    left, right = known(left), known(right)
    if isinstance(left, (Blank, Empty)):
        left, right = right, left
    if isinstance(right, Blank):
        return (
            left is None
            or left is False
            or (isinstance(left, str) and not left.strip())
            or (_is_empty(left))
        )
    if isinstance(right, Empty):
        return _is_empty(left)
    if left is None or right is None:
        return left is right
    left, right = _alike(left, right)
    return left == right


def less(left: object, right: object) -> bool:
    """Return whether one value is smaller than another; false where one of them is a null.

    Raises:
        LiquidTypeError: they don't compare.
    """
    left, right = known(left), known(right)
    if left is None or right is None:
        return False
    left, right = _alike(left, right)
    if isinstance(left, (bool, Mapping, list, tuple, range)):
        raise _refusal(f"{kind_of(left)} is neither smaller nor larger")
    is_less: bool = left < right  # type: ignore[operator]  # of one kind
    return is_less


def contains(left: object, right: object) -> bool:
    """Return whether a text has another in it, a list an item, or a map a key.

    Raises:
        LiquidTypeError: the left value has no parts.
    """
    left, right = known(left), known(right)
    if left is None or right is None:
        return False
    if isinstance(left, str):
        return as_text(right) in left
    if isinstance(left, Mapping):
        return as_text(right) in left
    if isinstance(left, (list, tuple, range)):
        return any(equal(item, right) for item in left)
    raise _refusal(f"contains takes a text, a list or a map, not {kind_of(left)}")


def _is_empty(value: object) -> bool:
    return isinstance(value, (str, list, tuple, Mapping, range)) and not value


def _alike(left: object, right: object) -> tuple[object, object]:
    """Return the two values in types that Python compares correctly."""
    if isinstance(left, date) and isinstance(right, str):
        return left, _date(right)
    if isinstance(left, str) and isinstance(right, date):
        return _date(left), right
    if _kind(left) != _kind(right):
        raise _refusal(f"{kind_of(left)} doesn't compare with {kind_of(right)}")
    if are_mixed(left, right):
        raise _refusal(MIXED_CURRENCIES)
    return left, right


def _kind(value: object) -> object:
    kinds: tuple[type | tuple[type, ...], ...] = (
        bool, (int, Decimal), str, date, Mapping, (Sequence, range),
    )  # fmt: skip
    return next((kind for kind in kinds if isinstance(value, kind)), None)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refusal("a date compares with a date, or with a text such as '2026-01-31'") from None


def _refusal(message: str) -> LiquidTypeError:
    return LiquidTypeError(message, token=None)
