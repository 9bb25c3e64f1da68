"""Sentences about instants and dates: `more than 6 months ago`, `within the next 3 days`.

Windows are counted from as-of: so many calendar days or months before or after, at the same time of
day in the reporting zone, that instant included. A date is compared as a date: today is neither in
the past nor in the future, and in every window that ends or begins with it.
"""

import re

from stripe_pipeline.segments.fields import Column
from stripe_pipeline.segments.literals import Q, SentenceError, date_literal
from stripe_pipeline.segments.patterns import (
    KNOWN,
    Bound,
    Builder,
    Comparison,
    Others,
    other_field,
    pattern,
)
from stripe_pipeline.values.near_miss import did_you_mean

_UNITS = {"day": ("day", 1), "week": ("day", 7), "month": ("month", 1), "year": ("month", 12)}


def _cut(count: str, unit: str, sign: int, column: Column) -> str:
    """Return the SQL of the instant or date that lies N units from as-of."""
    if unit.lower() not in _UNITS:
        hint = did_you_mean(unit, [f"{each}s" for each in _UNITS])
        raise SentenceError(f"there is no unit {unit}{hint}; there are days, weeks, months, years")
    name, days = _UNITS[unit.lower()]
    offset = sign * int(count) * days
    if column.kind == "date":
        return f"{{{{ date_from_as_of({offset}, '{name}') }}}}"
    return f"{{{{ from_as_of({offset}, '{name}') }}}}"


def _present(column: Column) -> str:
    return "{{ date_from_as_of(0, 'day') }}" if column.kind == "date" else "clock.as_of"


def _window(name: str, condition: str, sign: int) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        bound = Bound(name, _cut(found[1], found[2], sign, column), needs_clock=True)
        # Of a date, the day of as-of is in the window; of an instant, what lies ahead is later.
        of_kind = condition.replace("> {now}", ">= {now}") if column.kind == "date" else condition
        with_now = of_kind.replace("{now}", _present(column))
        return Comparison(with_now, (bound,), needs_clock="{now}" in condition)

    return build


def _to_now(condition: str, of_a_date: str = "") -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        of_kind = of_a_date if of_a_date and column.kind == "date" else condition
        return Comparison(of_kind.replace("{now}", _present(column)), needs_clock=True)

    return build


def _day_of(column: Column) -> str:
    """Return the SQL of a value as a date in the reporting zone."""
    if column.kind == "date":
        return "{value}"
    return "cast({{ to_local('{value}', 'clock.reporting_timezone') }} as date)"


def _by_day(name: str, operator: str) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        condition = f"{_day_of(column)} {operator} {{bound}}"
        bound = Bound(name, date_literal(found[1]))
        return Comparison(condition, (bound,), needs_clock=column.kind == "instant")

    return build


def _between_days(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
    bounds = (Bound("from", date_literal(found[1])), Bound("until", date_literal(found[2])))
    condition = f"{_day_of(column)} between {{bound}} and {{bound_2}}"
    return Comparison(condition, bounds, needs_clock=column.kind == "instant")


def _anniversary(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
    local = "to_local('{value}', 'clock.reporting_timezone')"
    day = "'{value}'" if column.kind == "date" else f"'cast(' ~ {local} ~ ' as date)'"
    condition = f"{{{{ is_anniversary({day}, '{{bound}}') }}}}"
    bound = Bound("on", "{{ date_from_as_of(0, 'day') }}", needs_clock=True)
    return Comparison(condition, (bound,), needs_clock=True)


def _by_field(name: str, operator: str) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        other = other_field(found[1], column, others, {column.kind})
        bound = Bound(name, f"{Q}{other}")
        return Comparison(f"{{value}} {operator} {{bound}}", (bound,), field=other)

    return build


MOMENTS = [
    *KNOWN,
    pattern("in the past", _to_now("{value} <= {now}", "{value} < {now}")),
    pattern("in the future", _to_now("{value} > {now}")),
    pattern("more than COUNT UNIT ago", _window("before", "{value} < {bound}", -1)),
    pattern(
        "within the (?:last|past) COUNT UNIT",
        _window("since", "{value} between {bound} and {now}", -1),
    ),
    pattern(
        "within (?:the next )?COUNT UNIT",
        _window("until", "{value} > {now} and {value} <= {bound}", 1),
    ),
    pattern("more than COUNT UNIT from now", _window("after", "{value} > {bound}", 1)),
    pattern("on this day of an earlier year", _anniversary),
    pattern("between DAY and DAY", _between_days),
    pattern("on or before DAY", _by_day("on_or_before", "<=")),
    pattern("on or after DAY", _by_day("on_or_after", ">=")),
    pattern("on DAY", _by_day("on", "=")),
    pattern("before DAY", _by_day("before", "<")),
    pattern("after DAY", _by_day("after", ">")),
    pattern("before FIELD", _by_field("before", "<")),
    pattern("after FIELD", _by_field("after", ">")),
]
