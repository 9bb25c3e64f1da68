"""What a sentence about a value is made of: forms with places for values, and their SQL.

A form gives the SQL of its bounds, and a condition in which `{value}` and `{bound}` stand for the
value and its bounds: `{value} >= {bound}`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stripe_pipeline.segments.fields import Column, Kind
from stripe_pipeline.segments.literals import SentenceError
from stripe_pipeline.values.near_miss import did_you_mean


@dataclass(frozen=True)
class Bound:
    """What a value is compared with: the end of its name in `why`, and its SQL."""

    name: str
    sql: str
    needs_clock: bool = False


@dataclass(frozen=True)
class Comparison:
    """A sentence as SQL; `is_told_by_value` where the value of a member says the bound itself."""

    condition: str
    bounds: tuple[Bound, ...] = ()
    is_told_by_value: bool = False
    needs_clock: bool = False
    top_percent: str | None = None
    field: str | None = None


Others = Mapping[str, Column]
Builder = Callable[["re.Match[str]", Column, Others], Comparison]


@dataclass(frozen=True)
class Pattern:
    """One form of sentence: as a person reads it, as a regular expression, and what it makes."""

    form: str
    expression: "re.Pattern[str]"
    build: Builder


_PARTS = {
    "NUMBER": r"(-?[\d][\d_]*(?:\.\d+)?)",
    "PERCENT": r"(\d+(?:\.\d+)?)",
    "TERM": r"(?:(twice|-?\d+(?:\.\d+)? (?:times|x)) )?(-?\d[\d_]*(?:\.\d+)?|[a-z_][a-z0-9_]*)",
    "TEXTS": r"(.+)",
    "TEXT": r"(.+)",
    "COUNT": r"(\d+)",
    "UNIT": r"(\S+?)s?",
    "DAY": r"(\d{4}-\d\d-\d\d)",
    "FIELD": r"([a-z_][a-z0-9_]*)",
}


def pattern(form: str, build: Builder) -> Pattern:
    """Return a form of sentence; its words in capitals are places for values."""
    expression = re.sub("|".join(_PARTS), lambda found: _PARTS[found.group()], form)
    return Pattern(form, re.compile(expression, re.IGNORECASE), build)


def fixed(condition: str, *, told: bool = False) -> Builder:
    """Return what makes the same condition of every sentence of a form, without a bound."""
    return lambda found, column, others: Comparison(condition, is_told_by_value=told)


def other_field(text: str, column: Column, others: Others, kinds: set[Kind]) -> str:
    """Return the name of a field to compare with; raises SentenceError where there is none."""
    of_kind = {name for name, each in others.items() if each.kind in kinds}
    if text in of_kind:
        return text
    if text in others:
        raise SentenceError(f"{text} is a field, and can't be compared with {column.name}")
    raise SentenceError(f"there is no field {text}{did_you_mean(text, of_kind)}")


KNOWN = [
    pattern("is known", fixed("{value} is not null")),
    pattern("is unknown", fixed("{value} is null")),
]
