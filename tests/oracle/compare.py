"""Hold the warehouse's rows against the calculated ones, and say readably where they differ."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]

SHOWN = 12


def differences(
    table: str, key: Sequence[str], got: Iterable[Row], expected: Iterable[Row]
) -> list[str]:
    """One line for each row too many or too few, and for each column of a row that differs.

    Only the columns that were calculated are compared; `uncalculated` finds the others.
    """
    mine, theirs = _by_key(expected, key), _by_key(got, key)
    lines = [f"{table} {name}: missing in the warehouse" for name in mine.keys() - theirs.keys()]
    lines += [f"{table} {name}: only in the warehouse" for name in theirs.keys() - mine.keys()]
    for name in sorted(mine.keys() & theirs.keys(), key=str):
        lines += _row_differences(f"{table} {name}", theirs[name], mine[name])
    return lines


def _by_key(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    listed = list(rows)
    keys = [tuple(row[name] for name in key) for row in listed]
    repeated = [name for name, times in Counter(keys).items() if times > 1]
    assert not repeated, f"the key {key} is not unique: {repeated[:SHOWN]}"
    return dict(zip(keys, listed, strict=True))


def _row_differences(name: str, got: Row, expected: Row) -> list[str]:
    return [
        f"{name}: {column} is {got.get(column)!r}, calculated {value!r}"
        for column, value in expected.items()
        if column not in got or not _same(got[column], value)
    ]


def _same(got: Any, expected: Any) -> bool:
    """Equal, and for truth values and numbers of one kind: 0 is not False, 1.0 is not 1."""
    if isinstance(got, bool) or isinstance(expected, bool):
        return got is expected
    return not isinstance(got, float) and got == expected


def uncalculated(got: Iterable[Row], expected: Iterable[Row]) -> set[str]:
    """The warehouse's columns that the calculation doesn't know."""
    return {name for row in got for name in row} - {name for row in expected for name in row}


def agree(lines: list[str]) -> None:
    """Fail with the first differences, if there are any."""
    rest = f"\n... and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    assert not lines, "\n".join(["the warehouse disagrees:", *lines[:SHOWN]]) + rest


# The rows of each table, as text, with how often each occurs.
Snapshot = dict[str, Counter[str]]


def columns_but(rows: Iterable[Row], left_out: set[str]) -> Counter[str]:
    """The rows as text, without some of the columns."""
    kept = [{name: row[name] for name in sorted(row.keys() - left_out)} for row in rows]
    return Counter(map(repr, kept))


def snapshot_differences(before: Snapshot, after: Snapshot) -> list[str]:
    """One line for each table that came or went, and for each row that did."""
    lines = [f"{table}: only in one of the two" for table in before.keys() ^ after.keys()]
    for table in before.keys() & after.keys():
        lines += [f"{table}: no longer {row}" for row in before[table] - after[table]]
        lines += [f"{table}: now {row}" for row in after[table] - before[table]]
    return sorted(lines)
