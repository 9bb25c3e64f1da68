"""Escape paths where DuckDB takes glob patterns."""

from pathlib import Path

_SIGNS = "[*?"


def exactly(path: Path | str) -> str:
    """Return the glob pattern that matches only this path, for `read_parquet(?)` and the like.

    A folder may be called `shop [live]` or `*`; unescaped, that would match others, or all.
    """
    return "".join(f"[{sign}]" if sign in _SIGNS else sign for sign in str(path))
