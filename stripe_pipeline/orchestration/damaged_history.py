"""Rename Dagster's damaged databases, so that runs go on.

They hold the history of past runs, which exists nowhere else, but no customer data, and nothing is
computed from them. So a damaged one blocks nothing and isn't removed either.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from stripe_pipeline.files.removing import remove

logger = logging.getLogger(__name__)

_DATABASES = ("history/*.db", "history/runs/*.db", "schedules/*.db")
_MAGIC = b"SQLite format 3\0"
# The low byte of an extended code is the kind of the error.
_DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def set_damaged_aside(folder: Path) -> list[Path]:
    """Rename those databases below Dagster's folder that are damaged; return their old paths.

    A file whose first page fits its size is taken for undamaged, as reading all of it would take
    too long. SQLite creates a new database where there is none.

    Raises:
        OSError: the folder can't be written.
    """
    damaged = [
        path for part in _DATABASES for path in sorted(folder.glob(part)) if _is_damaged(path)
    ]
    for path in damaged:
        aside = path.with_name(f"{path.name}.damaged")
        remove(aside)
        path.rename(aside)
        for end in ("-wal", "-shm"):
            remove(path.with_name(f"{path.name}{end}"))
        logger.warning(
            "Dagster's database %s is damaged, so the pages of earlier runs that it had are lost; "
            "what is left of it is %s, and a new one is begun",
            path, aside.name,
        )  # fmt: skip
    return damaged


def _is_damaged(path: Path) -> bool:
    """Check the header first, then ask SQLite, which knows what its journal can repair."""
    return path.is_dir() or (not _fits(path) and not _passes(path))


def _fits(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(100)
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    return not size or (header.startswith(_MAGIC) and pages * (page if page > 1 else 65536) <= size)


def _passes(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            is_sound: bool = connection.execute("pragma quick_check(1)").fetchone() == ("ok",)
            return is_sound
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF not in _DAMAGE
