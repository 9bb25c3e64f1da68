"""Values of settings as people write them, read or refused in plain words."""

import os
import re
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
# A part of a path that is a variable of a shell's as a whole: $HOME, ${DATA_DIR}.
_VARIABLE = re.compile(r"\$(?:[A-Z_][A-Z0-9_]*|\{\w+\})")
# SQLite takes 512 bytes a path; Dagster's longest below a home, with its journal, has 70.
_LONGEST_HOME = 400


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
        ValueError: it is no path, or one that DuckDB or Dagster's SQLite would take for another or
            can't open.
    """
    path = whole_path(value)
    _refuse_signs(path, _MISREAD)
    # SQLite follows links before it measures.
    if max(len(os.fsencode(each)) for each in (path, os.path.realpath(path))) > _LONGEST_HOME:
        raise ValueError(
            f"the path {str(path)[:60]}... is longer than {_LONGEST_HOME} bytes, beyond which "
            "SQLite can't open what lies below it"
        )
    return path


def file_path(value: Path) -> Path:
    """Return the absolute path of a file that DuckDB reads.

    Raises:
        ValueError: it is no path, or one that DuckDB would take for another.
    """
    path = whole_path(value)
    _refuse_signs(path, _MISREAD[:1])
    return path


def whole_path(value: Path) -> Path:
    """Return an absolute path; `~` is the home of its user.

    Raises:
        ValueError: it has a control character in it, such as the end of a line, begins with a
            blank, names a variable of a shell's, or has no such user.
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


def _refuse_signs(path: Path, misread: Sequence[str]) -> None:
    if signs := [sign for sign in misread if sign in str(path)]:
        raise ValueError(
            f"the path {path} has a {signs[0]} in it, which databases don't read as part of a path"
        )
