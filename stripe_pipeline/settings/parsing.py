"""Parse and validate the values of settings; errors are in plain words."""

import os
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import BeforeValidator

from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.values.near_miss import did_you_mean

# Other spellings of `on` and `off`, for the error's suggestion.
_OTHERWISE = {"yes": "on", "true": "on", "1": "on", "no": "off", "false": "off", "0": "off"}
# Unicode categories of control characters, such as line ends, and of bytes that are no text.
_NO_TEXT = {"Cc", "Cs"}

# DuckDB's glob patterns split a path at the first; in SQLite's URIs the others are special.
_MISREAD = ("\\", "?", "%")
# A part of a path that is a shell variable as a whole: $HOME, ${DATA_DIR}.
_VARIABLE = re.compile(r"\$(?:[A-Z_][A-Z0-9_]*|\{\w+\})")
# In bytes: SQLite takes 512 a path; Dagster's longest below a home, with its journal, has 70.
_LONGEST_HOME = 400

# Stripe counts from 1970; date arithmetic on instants outside these years may overflow.
_YEARS = range(1971, 9001)
_DAY = re.compile(r"(?P<year>\d{4})(?:-?(?P<month>\d{2})(?:-?(?P<day>\d{2}))?)?(?!\d)", re.ASCII)
_INSTANTS = "such as 2026-01-31 or 2026-01-31T09:30:00Z"

METADATA_COLUMN = "stripe_metadata_"


def comma_separated(value: Any) -> Any:
    """Turn "a, b" into ["a", "b"], so that a list can stand in an environment variable."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


CommaSeparated = BeforeValidator(comma_separated)


def read_instant(text: str) -> datetime:
    """Parse an instant in ISO 8601; without an offset it is UTC.

    Raises:
        ValueError: it is none; the message says why, in words that can follow a colon.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        is_usable = instant.year in _YEARS
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError(_no_instant(text.strip()))
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _no_instant(text: str) -> str:
    found = _DAY.match(text)
    year = int(found["year"]) if found else None
    if year is not None and year < _YEARS.start:
        return f"{text} is no instant of Stripe's: it is before 1971, and Stripe counts from 1970"
    if year is not None and year not in _YEARS:
        return f"{text} is no instant that can be reckoned with: it is after {_YEARS.stop - 1}"
    if found and found["day"] and not _is_day(*map(int, found.groups())):
        return f"{text} is no instant: the calendar has no such day; write one {_INSTANTS}"
    return f"{text or 'nothing'} is no instant {_INSTANTS}"


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def metadata_column(key: str) -> str:
    """Return the column name of a metadata key, as the macro metadata_columns does."""
    return METADATA_COLUMN + re.sub("[^a-z0-9]+", "_", key.lower()).strip("_")


def distinct_columns(keys: list[str]) -> list[str]:
    """Return the metadata keys unchanged if their column names are distinct.

    Raises:
        ValueError: a key gives no column name, or two give the same.
    """
    by_column: dict[str, str] = {}
    for key in keys:
        column = metadata_column(key)
        if column == METADATA_COLUMN:
            raise ValueError(f"the key {key} has no letter or digit to name a column by")
        if column in by_column:
            raise ValueError(f"the keys {by_column[column]} and {key} both name {column}")
        by_column[column] = key
    return keys


def one_of(choices: Sequence[str], takes: str, value: Any) -> Any:
    """Return the value if it is one of the choices.

    Raises:
        ValueError: it is none; the message says what the setting takes, and what was meant.
    """
    if value in choices:
        return value
    meant = _OTHERWISE.get(str(value).strip().casefold(), str(value).strip())
    raise ValueError(f"it takes {takes}, not {value or 'nothing'}{did_you_mean(meant, choices)}")


def home_path(value: Path) -> Path:
    """Return the absolute path of a home folder.

    Raises:
        ValueError: it is no path, or one that DuckDB or Dagster's SQLite would misread or can't
            open, or it holds more than a home.
    """
    path = whole_path(value)
    _refuse_signs(path, _MISREAD)
    _refuse_more_than_a_home(path)
    # SQLite resolves links before it checks the length.
    if max(len(os.fsencode(each)) for each in (path, os.path.realpath(path))) > _LONGEST_HOME:
        raise ValueError(
            f"the path {str(path)[:60]}... is longer than {_LONGEST_HOME} bytes, beyond which "
            "SQLite can't open what lies below it"
        )
    return path


def file_path(value: Path) -> Path:
    """Return the absolute path of a file that DuckDB reads.

    Raises:
        ValueError: it is no path, or one that DuckDB would misread.
    """
    path = whole_path(value)
    _refuse_signs(path, _MISREAD[:1])
    return path


def whole_path(value: Path) -> Path:
    """Return an absolute path, with `~` expanded.

    Raises:
        ValueError: it contains a control character, such as a line end, begins with a blank,
            contains a shell variable, or names an unknown user.
    """
    if any(unicodedata.category(sign) in _NO_TEXT for sign in str(value)):
        raise ValueError(f"the path {str(value)!r} has the end of a line or no text in it")
    if str(value)[:1].isspace():
        raise ValueError(f"the path '{value}' begins with a blank; take it away")
    if unfilled := [part for part in value.parts if _VARIABLE.fullmatch(part)]:
        raise ValueError(
            f"the path {value} names {unfilled[0]}, which only a shell fills in; write it out"
        )
    try:
        return value.expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"{value} names a user that this machine doesn't have") from None


def _refuse_more_than_a_home(path: Path) -> None:
    """Refuse `/`, the user's folder and the like: what lies in a home is closed to other users."""
    real = Path(os.path.realpath(path))
    own = os.path.expanduser("~")  # noqa: PTH111 (it stays `~` for a user without a folder)
    for what, inner in (("this project", str(PROJECT_ROOT)), ("all that is yours", own)):
        if inner != "~" and Path(os.path.realpath(inner)).is_relative_to(real):
            raise ValueError(
                f"the folder {path} holds {what}, and everything in a home is closed to other "
                f"users; name a folder of its own, such as {path / 'stripe-pipeline'}"
            )


def _refuse_signs(path: Path, misread: Sequence[str]) -> None:
    if signs := [sign for sign in misread if sign in str(path)]:
        raise ValueError(
            f"the path {path} has a {signs[0]} in it, which databases don't read as part of a path"
        )
