"""Profiles to try a template on: values of every type, nulls, and the template's constants."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from stripe_pipeline.activation.values import CURRENCY_COLUMNS, Formatting, PlainMap, liquid_rows
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.values.money import Amount

Row = Mapping[str, Any]
FORMATTING = Formatting(ZoneInfo("UTC"), "usd")
TODAY = date(2026, 6, 15)
_RANDOM_ROWS = 100
_MOST_ROWS = 400

_AMOUNT = pa.decimal128(18, 3)
_ARROW: Mapping[str, pa.DataType] = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "decimal(18, 3)": _AMOUNT,
    "varchar[]": pa.list_(pa.string()),
    "map(varchar, decimal(18, 3))": pa.map_(pa.string(), _AMOUNT),
}
# In this order: a null, a usual value, a large one; then empty, boundary and malformed values.
_VALUES: Mapping[str, Sequence[Any]] = {
    "varchar": (
        None, "Ann", "long words " * 500, "", "  ", "0", "-12.5", "2026-01-31",
        "Zoë <b>O'Neil</b> & \"Co\"\n雪",
    ),
    "bigint": (None, 3, 10**15, 0, 1, -7),
    "boolean": (None, True, False),
    "date": (None, date(2026, 5, 20), date.max, date.min, date(1970, 1, 1), date(2028, 2, 29)),
    "timestamp": (
        None, datetime(2026, 5, 20, 12, tzinfo=UTC), datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC),
    ),
    "decimal(18, 3)": (
        None, Decimal("1284.50"), Decimal("999999999999999.999"), Decimal(0), Decimal("0.01"),
        Decimal("-12.50"),
    ),
    "varchar[]": (None, ["Gold"], ["x"] * 100, [], ["Gold", "Silver", "Gold"]),
    "map(varchar, decimal(18, 3))": (
        None, {"usd": Decimal("3.50")},
        {"eur": Decimal("12.00"), "jpy": Decimal(1200), "kwd": Decimal("-1.250")}, {},
    ),
}  # fmt: skip
_CURRENCIES = (None, "usd", "eur", "jpy")


@dataclass(frozen=True)
class Hints:
    """The constants of a template: values near them may select another branch."""

    texts: list[str] = field(default_factory=list)
    numbers: list[Decimal] = field(default_factory=list)


def sample_rows(types: Mapping[str, str], hints: Hints) -> Iterator[tuple[Row, date]]:
    """Yield profiles of these columns, each with the day that `today` is.

    All nulls first, then all usual values, all large ones and so on; then each value of each column
    beside usual values and beside nulls, and mixtures. Deterministic for a template.
    """
    columns = _with_currencies(types)
    choices = {name: _choices(name, kind, hints) for name, kind in columns.items()}
    choices["today"] = [TODAY, *_dates(hints)]
    raw = list(islice(_combined(choices), _MOST_ROWS))
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in columns.items()])
    batch = pa.RecordBatch.from_pylist([_without_today(row) for row in raw], schema=schema)
    rows = liquid_rows(batch, FORMATTING) if columns else iter([{}] * len(raw))
    for row, seen in zip(raw, rows, strict=True):
        yield seen, row["today"]


def full_row(types: Mapping[str, str]) -> Row:
    """Return a profile without nulls: usual values, every key of a map, long lists."""
    columns = _with_currencies(types)
    schema = pa.schema([(name, arrow_type(kind)) for name, kind in columns.items()])
    usual = {name: _choices(name, kind, Hints())[1] for name, kind in columns.items()}
    batch = pa.RecordBatch.from_pylist([usual], schema=schema)
    row = dict(next(liquid_rows(batch, FORMATTING))) if columns else {}
    for name, kind in types.items():
        if kind.startswith("map"):
            row[name] = _EveryKey(row[name])
        elif kind.endswith("[]"):
            row[name] = row[name] * 100
    return row


def arrow_type(kind: str) -> pa.DataType:
    """Return the Arrow type of a column of a profile.

    Raises:
        PipelineError: the type isn't supported in templates.
    """
    if kind not in _ARROW:
        raise PipelineError(
            f"customer_profiles has a column of the type {kind}, which templates don't know; add "
            "it to templating/samples.py."
        )
    return _ARROW[kind]


class _EveryKey(PlainMap):
    def __missing__(self, key: object) -> Amount:
        if key in ("size", "first", "last"):
            raise KeyError(key)
        return Amount(Decimal("3.50"), "usd", 2)


def _with_currencies(types: Mapping[str, str]) -> Mapping[str, str]:
    """Return the columns with those that name their amounts' currencies added."""
    foreign = sorted(types.keys() & CURRENCY_COLUMNS.keys())
    return {**types, **{CURRENCY_COLUMNS[name]: "varchar" for name in foreign}}


def _choices(name: str, kind: str, hints: Hints) -> list[Any]:
    if name in CURRENCY_COLUMNS.values():
        return list(_CURRENCIES)
    arrow_type(kind)
    return [*_VALUES[kind], *_near(kind, hints)]


def _near(kind: str, hints: Hints) -> list[Any]:
    """Return values at the template's own constants and next to them."""
    if kind == "varchar":
        return [*hints.texts]
    if kind == "bigint":
        return [int(each) + step for each in hints.numbers for step in (-1, 0, 1)]
    if kind.startswith("decimal"):
        cent = Decimal("0.01")
        return [each + step for each in hints.numbers for step in (-cent, 0, cent)]
    if kind in ("date", "timestamp"):
        days = _dates(hints)
        return (
            days
            if kind == "date"
            else [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
        )
    if kind.endswith("[]"):
        return [[text] for text in hints.texts]
    return [{text: Decimal("3.50")} for text in hints.texts] if kind.startswith("map") else []


def _dates(hints: Hints) -> list[date]:
    found = []
    for text in hints.texts:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        if date.min < day < date.max:
            found += [day + timedelta(days=step) for step in (-1, 0, 1)]
    return found


def _combined(choices: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    nulls = {name: values[0] for name, values in choices.items()}
    usual = {name: values[min(1, len(values) - 1)] for name, values in choices.items()}
    usual["today"] = TODAY
    yield nulls
    yield usual
    for place in range(2, max(map(len, choices.values()))):
        yield {name: values[place % len(values)] for name, values in choices.items()}
    for base in (usual, nulls):
        for name, values in choices.items():
            for value in values:
                yield {**base, name: value}
    chance = random.Random(0)
    for _ in range(_RANDOM_ROWS):
        yield {name: chance.choice(values) for name, values in choices.items()}


def _without_today(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "today"}
