"""Read a sentence about a value, such as `at least 2` or `more than 6 months ago`."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from stripe_pipeline.segments.fields import Column, Kind
from stripe_pipeline.segments.literals import SentenceError
from stripe_pipeline.segments.moments import MOMENTS
from stripe_pipeline.segments.numbers import NUMBERS
from stripe_pipeline.segments.patterns import Comparison, Others, Pattern
from stripe_pipeline.segments.texts import FLAGS, LISTS, TEXTS

FORMS: Mapping[Kind, list[Pattern]] = {
    "whole number": NUMBERS,
    "amount": NUMBERS,
    "text": TEXTS,
    "list of texts": LISTS,
    "yes or no": FLAGS,
    "instant": MOMENTS,
    "date": MOMENTS,
}


def comparison(sentence: str, column: Column, others: Others) -> Comparison:
    """Read a sentence about a column; `others` are the columns that it may be compared with.

    Raises:
        SentenceError: no form of the column's kind fits; the message names the nearest.
    """
    said = " ".join(sentence.split())
    for pattern in FORMS[column.kind]:
        if found := pattern.expression.fullmatch(said):
            return pattern.build(found, column, others)
    raise SentenceError(_not_understood(said, column))


def _not_understood(said: str, column: Column) -> str:
    forms = [readable(pattern.form) for pattern in FORMS[column.kind]]
    near = get_close_matches(_without_values(said), forms, n=1, cutoff=0.5)
    hint = f"; did you mean `{near[0]}`?" if near else f"; write {_listed(forms[:6])}"
    return f"`{said}` says nothing about {column.name}, which is {_with_article(column.kind)}{hint}"


def readable(form: str) -> str:
    """Return a form of sentence as a person reads it."""
    plain = re.sub(r"\(\?:([^)|]*)(?:\|[^)]*)?\)\??", r"\1", form).replace(" ?%", " %")
    return plain.replace("TERM", "NUMBER").replace("PERCENT", "NUMBER")


def _without_values(said: str) -> str:
    """Return a sentence with the names of places in the place of days and numbers."""
    numbered = re.sub(r"\d{4}-\d\d-\d\d", "DAY", said)
    if re.search(r"\d+ [a-z]+", numbered):
        return re.sub(r"(?<=\w )\d+ \w+", "COUNT UNIT", numbered, count=1)
    return re.sub(r"-?\d[\d_.]*", "NUMBER", numbered)


def _listed(forms: Iterable[str]) -> str:
    return ", ".join(f"`{form}`" for form in forms)


def _with_article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}" if kind != "yes or no" else kind
