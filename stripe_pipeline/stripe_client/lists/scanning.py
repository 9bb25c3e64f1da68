"""Split JSON that a decoder rejects into its members or entries.

Strings may hold anything and numbers be of any length; only brackets, quotes, colons and commas
count. Nothing here is recursive, so nesting may be of any depth.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{}:,"]', re.DOTALL)
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_COMMA = ord(",")
_OPEN_QUOTE = b'"'


class NotBalancedError(ValueError):
    """The text isn't one complete object or list: it was truncated, or is something else."""


def members(text: bytes) -> dict[bytes, bytes]:
    """Return the values of an object by its keys, both as raw bytes, quotes included.

    Of duplicate keys the last counts, as with any decoder.

    Raises:
        NotBalancedError: it isn't a complete object.
    """
    found: dict[bytes, bytes] = {}
    for part in _parts(text, b"{"):
        key, colon, value = _split(part)
        if colon:
            found[key.strip()] = value.strip()
    return found


def entries(text: bytes) -> list[bytes]:
    """Return the entries of a list as raw bytes.

    Raises:
        NotBalancedError: it isn't a complete list.
    """
    parts = [part.strip() for part in _parts(text, b"[")]
    return [] if parts == [b""] else parts


def _parts(text: bytes, bracket: bytes) -> Iterator[bytes]:
    """Split at the commas of the outermost level."""
    stripped = text.strip()
    depth, begin = 0, 1
    for token in _TOKEN.finditer(stripped):
        if token.group() == _OPEN_QUOTE:  # the text was truncated inside a string
            raise NotBalancedError
        sign = stripped[token.start()]
        if sign in _OPENING:
            if depth == 0 and (token.start() != 0 or not stripped.startswith(bracket)):
                raise NotBalancedError
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
            if depth == 0:
                if token.end() != len(stripped):
                    raise NotBalancedError
                yield stripped[begin : token.start()]
                return
        elif sign == _COMMA and depth == 1:
            yield stripped[begin : token.start()]
            begin = token.end()
        if depth < 1:
            raise NotBalancedError
    raise NotBalancedError


def _split(member: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a member of an object at its colon."""
    colon = next((each for each in _TOKEN.finditer(member) if each.group() == b":"), None)
    if colon is None:
        return member, b"", b""
    return member[: colon.start()], b":", member[colon.end() :]
