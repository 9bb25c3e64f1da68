"""Paths in the places where DuckDB takes patterns: each stands for itself alone."""

from pathlib import Path

_SIGNS = "[*?"


def exactly(path: Path | str) -> str:
    """Return the pattern that only this path fits, for `read_parquet(?)` and the like.

    A folder may be called `shop [live]` or `*`; unchanged, that would be another folder, or all.
    """
    return "".join(f"[{sign}]" if sign in _SIGNS else sign for sign in str(path))
