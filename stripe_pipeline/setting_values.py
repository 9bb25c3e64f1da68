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


def one_of(choices: Sequence[str], takes: str, value: Any) -> Any:
    """Return one of the choices.

    Raises:
        ValueError: it is none; the message says what the setting takes, and what was meant.
    """
    if value in choices:
        return value
    meant = _OTHERWISE.get(str(value).strip().casefold(), str(value).strip())
    raise ValueError(f"it takes {takes}, not {value or 'nothing'}{did_you_mean(meant, choices)}")


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
