"""Sentences about numbers: `at least 2`, `some`, `top 5 %`."""

import re

from stripe_pipeline.segments.fields import Column
from stripe_pipeline.segments.literals import Q, SentenceError, amount_literal
from stripe_pipeline.segments.patterns import (
    KNOWN,
    Bound,
    Builder,
    Comparison,
    Others,
    fixed,
    other_field,
    pattern,
)


def _number(text: str, column: Column) -> str:
    plain = text.replace("_", "")
    if column.kind == "amount":
        return amount_literal(plain)
    if "." in plain:
        raise SentenceError(f"{column.name} is a whole number, and {text} isn't")
    return plain


def _term(found: "re.Match[str]", column: Column, others: Others) -> tuple[str, str | None]:
    """Return the SQL of a number or of another field, times a factor, and that field's name."""
    factor, text = found[1], found[2]
    if re.match(r"-?\d", text):
        return _number(text, column), None
    other = other_field(text, column, others, {"whole number", "amount"})
    times = "2" if factor == "twice" else factor.split()[0] if factor else ""
    return (f"{times} * {Q}{other}" if times else f"{Q}{other}"), other


def _compared(name: str, operator: str, *, told: bool = False) -> Builder:
    def build(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
        sql, field = _term(found, column, others)
        condition = f"{{value}} {operator} {{bound}}"
        return Comparison(condition, (Bound(name, sql),), is_told_by_value=told, field=field)

    return build


def _between_numbers(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
    low, high = (_number(each, column) for each in found.groups())
    bounds = (Bound("at_least", low), Bound("at_most", high))
    return Comparison("{value} between {bound} and {bound_2}", bounds)


def _top(found: "re.Match[str]", column: Column, others: Others) -> Comparison:
    if not 0 < float(found[1]) <= 100:
        raise SentenceError(f"{found[1]} % isn't above 0 and at most 100")
    condition = f"{{value}} > 0 and ({{place}} - 1) * 100 < {found[1]} * {{buyers}}"
    return Comparison(condition, top_percent=found[1])


NUMBERS = [
    pattern("some", fixed("{value} > 0")),
    pattern("none", fixed("{value} = 0")),
    pattern("at least TERM", _compared("at_least", ">=")),
    pattern("at most TERM", _compared("at_most", "<=")),
    pattern("more than TERM", _compared("more_than", ">")),
    pattern("less than TERM", _compared("less_than", "<")),
    pattern("between NUMBER and NUMBER", _between_numbers),
    pattern("(?:in the )?top PERCENT ?(?:%|percent)", _top),
    *KNOWN,
    pattern("is not TERM", _compared("is_not", "<>")),
    pattern("(?:is )?TERM", _compared("is", "=", told=True)),
]
