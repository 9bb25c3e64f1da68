"""Values of settings as people write them, read or refused in plain words."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stripe_pipeline.near_miss import did_you_mean

# What people write for `on` and `off` elsewhere.
_OTHERWISE = {"yes": "on", "true": "on", "1": "on", "no": "off", "false": "off", "0": "off"}
# Ends of lines and the like, and bytes that are no text.
_NO_TEXT = {"Cc", "Cs"}

# DuckDB's patterns split a path at the first; for SQLite's addresses the others mean something.
_MISREAD = ("\\", "?", "%")


def one_of(choices: Sequence[str], takes: str, value: Any) -> Any:
    """Return one of the choices.

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
        ValueError: it is no path, or one that DuckDB or Dagster's SQLite would take for another.
    """
    path = whole_path(value)
    if signs := [sign for sign in _MISREAD if sign in str(path)]:
        raise ValueError(
            f"the path {path} has a {signs[0]} in it, which databases don't read as part of a path"
        )
    return path


def whole_path(value: Path) -> Path:
    """Return an absolute path; `~` is the home of its user.

    Raises:
        ValueError: it has a control character in it, such as the end of a line, or no such user.
    """
    if any(unicodedata.category(sign) in _NO_TEXT for sign in str(value)):
        raise ValueError(f"the path {str(value)!r} has the end of a line or no text in it")
    try:
        return value.expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"{value} names a user that this machine doesn't have") from None
