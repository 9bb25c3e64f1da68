"""Values of a segment file as SQL, which dbt then renders with Jinja."""

import json
import re
from datetime import date

# In place of the name of the relation whose column a bound is.
Q = "{relation}"
_PLAIN = re.compile(r"[^\W_][\w .,@:+/&-]*")


class SentenceError(ValueError):
    """A sentence that can't be read; the message says what would be."""


def text_literal(text: str, *, inside: bool = False) -> str:
    """Return a text as a SQL literal: what Jinja or SQL might take for its own goes in as a value.

    `inside` is for a literal within a quoted argument of a macro.
    """
    if _PLAIN.fullmatch(text) and text.isascii():
        return f"\\'{text}\\'" if inside else f"'{text}'"
    quoted = json.dumps(text).replace("{", "\\u007b").replace("}", "\\u007d")
    return f"' ~ literal({quoted}) ~ '" if inside else f"{{{{ literal({quoted}) }}}}"


def amount_literal(number: str) -> str:
    """Return an amount in major units."""
    return f"cast({number} as decimal(18, 3))"


def date_literal(text: str) -> str:
    """Return a day; raises SentenceError where the calendar doesn't have it."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise SentenceError(f"{text} is no day of the calendar") from None
    return f"cast('{text}' as date)"
