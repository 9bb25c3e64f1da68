"""`python -m lint.portable_sql PATH...`: refuse SQL in dbt's models that only one engine has.

Such constructs are allowed in dbt_project/macros alone, where each is dispatched by adapter. A
function is refused unless it is known to mean the same everywhere (constructs.PORTABLE).
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lint.constructs import CONSTRUCTS, FUNCTIONS, PORTABLE, TYPES, UNKNOWN, WORDS
from lint.sql_text import sql_of

_CALL = re.compile(r"(?<![\w.])([a-z_]\w*)\s*\(", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Finding:
    """A construct in a model: its line, what it is, and what to write instead."""

    line: int
    construct: str
    remedy: str


def findings(model: str) -> list[Finding]:
    """Return what is not portable in a model's raw text, in the order of its lines."""
    sql = sql_of(model)
    found = {*_constructs(sql), *_calls(sql, _own_names(sql))}
    return sorted(found)


def _constructs(sql: str) -> Iterator[Finding]:
    for construct in CONSTRUCTS:
        for place in construct.pattern.finditer(sql):
            yield Finding(_line(sql, place.start()), construct.name, construct.remedy)


def _own_names(sql: str) -> set[str]:
    """Return the names of the model's own queries: `with found (columns) as (...)`."""
    return set(re.findall(r"(?:\bwith|,)\s+([a-z_]\w*)\s*\([^()]*\)\s+as\s*\(", sql))


def _calls(sql: str, own: set[str]) -> Iterator[Finding]:
    for call in _CALL.finditer(sql):
        name = call[1].lower()
        if name not in PORTABLE | WORDS | TYPES | own:
            yield Finding(_line(sql, call.start()), f"`{name}()`", _remedy(name))


def _remedy(function: str) -> str:
    remedies = (remedy for begin, remedy in FUNCTIONS if function.startswith(begin))
    return next(remedies, UNKNOWN)


def _line(sql: str, place: int) -> int:
    return sql.count("\n", 0, place) + 1


def main(paths: list[str]) -> int:
    """Print every finding in files and folders with its file and line; return 1 if there is one."""
    count = 0
    for path in sorted(file for given in paths for file in _files(Path(given))):
        for found in findings(path.read_text("utf-8")):
            print(f"{path}:{found.line}: {found.construct}: {found.remedy}")
            count += 1
    return 1 if count else 0


def _files(path: Path) -> list[Path]:
    return list(path.rglob("*.sql")) if path.is_dir() else [path]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
