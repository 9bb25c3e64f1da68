"""Dates in templates: calendar days, printed by a format such as `%d %B %Y`."""

import re
from collections.abc import Callable
from datetime import date

from babel import Locale

from stripe_pipeline.activation.templating.kinds import refusal

_DIRECTIVE = re.compile(r"%(?P<flag>[-^]?)(?P<letter>.?)", re.DOTALL)
Part = Callable[[date, Locale], str]
_PARTS: dict[str, Part] = {
    "a": lambda day, locale: locale.days["format"]["abbreviated"][day.weekday()],
    "A": lambda day, locale: locale.days["format"]["wide"][day.weekday()],
    "b": lambda day, locale: locale.months["format"]["abbreviated"][day.month],
    "B": lambda day, locale: locale.months["format"]["wide"][day.month],
    "d": lambda day, locale: f"{day.day:02}",
    "D": lambda day, locale: f"{day.month:02}/{day.day:02}/{day.year % 100:02}",
    "e": lambda day, locale: f"{day.day:2}",
    "F": lambda day, locale: day.isoformat(),
    "h": lambda day, locale: locale.months["format"]["abbreviated"][day.month],
    "j": lambda day, locale: f"{day.timetuple().tm_yday:03}",
    "m": lambda day, locale: f"{day.month:02}",
    "u": lambda day, locale: str(day.isoweekday()),
    "V": lambda day, locale: f"{day.isocalendar().week:02}",
    "w": lambda day, locale: str(day.isoweekday() % 7),
    "G": lambda day, locale: f"{day.isocalendar().year:04}",
    "y": lambda day, locale: f"{day.year % 100:02}",
    "Y": lambda day, locale: f"{day.year:04}",
    "%": lambda day, locale: "%",
}
# A date has none of these, and 00:00 would be wrong; some would also read the machine's own zone.
_TIMES = frozenset("cHIklLMNpPrRsSTxXzZ")


def day_of(value: object, what: str) -> date | None:
    """Return a value as a date, a null as None; a text has to be one, such as 2026-01-31.

    Raises:
        FilterArgumentError: it is no date. Nor is the text `now`: output must be deterministic.
    """
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refusal(f"{what} takes a date of the profile, or today")


def print_date(value: object, form: object, locale: Locale) -> str:
    """Return a date printed by a format of letters after percent signs; "" for a null.

    The names of months and days are the locale's.
    """
    if not isinstance(form, str):
        raise refusal("date takes a form such as '%d %B %Y'")
    day = day_of(value, "date")
    parts = _parts(form)
    return "" if day is None else "".join(part(day, locale) for part in parts)


def _parts(form: str) -> list[Part]:
    """Split a format into functions that print its pieces."""
    parts, end = [], 0
    for match in _DIRECTIVE.finditer(form):
        parts.append(_plain(form[end : match.start()]))
        parts.append(_directive(match["flag"], match["letter"]))
        end = match.end()
    return [*parts, _plain(form[end:])]


def _plain(text: str) -> Part:
    return lambda day, locale: text


def _directive(flag: str, letter: str) -> Part:
    if letter in _TIMES:
        raise refusal(
            f"%{letter} is a time or depends on the machine, and a profile has dates only"
        )
    part = _PARTS.get(letter)
    if part is None:
        raise refusal(f"there is no %{letter} in the form of a date")
    if flag == "-":
        return lambda day, locale: part(day, locale).lstrip("0 ") or "0"
    return (lambda day, locale: part(day, locale).upper()) if flag == "^" else part
