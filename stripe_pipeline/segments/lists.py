"""Static lists: CSV files in the folder `lists`, with a column of customers' ids or addresses."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stripe_pipeline.segments.fields import CUSTOMER
from stripe_pipeline.values.near_miss import did_you_mean

FOLDER = "lists"
EMAIL = "email"
_FILE = re.compile(r"[\w-][\w.-]*\.csv", re.ASCII)
_COLUMN = re.compile(r"[A-Za-z_][\w -]*", re.ASCII)


class ListError(ValueError):
    """A list can't be used; the message says why, and what to do."""


@dataclass(frozen=True)
class StaticList:
    """A CSV file: its columns, and the one of them that says who is meant."""

    file: str
    columns: tuple[str, ...]
    key: str


def read_list(folder: Path, file: str) -> StaticList:
    """Read the first line of a list in a folder; its rows are read when a run computes segments.

    Raises:
        ListError: there is no such file, or its columns can't be used.
    """
    path = folder / FOLDER / file
    if not _FILE.fullmatch(file) or not path.is_file():
        there = sorted(each.name for each in path.parent.glob("*.csv"))
        raise ListError(f"there is no list {file} in {path.parent}{did_you_mean(file, there)}")
    columns = tuple(_first_line(path))
    keys = [name for name in columns if name in (CUSTOMER, EMAIL)]
    if not keys:
        raise ListError(
            f"the first line of {path} has no column {CUSTOMER} or {EMAIL}, with commas between "
            "columns; add it"
        )
    if not all(map(_COLUMN.fullmatch, columns)) or len(set(columns)) < len(columns):
        raise ListError(
            f"the columns of {path} need names of letters, digits and _, each its own; name them so"
        )
    return StaticList(file, columns, CUSTOMER if CUSTOMER in keys else EMAIL)


def _first_line(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from next(csv.reader(lines), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ListError(f"{path} can't be read as CSV in UTF-8; save it as that") from None
