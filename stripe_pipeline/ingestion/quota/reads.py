"""The count of reads of Stripe's API, persisted by day, so that killed syncs are counted too.

This isn't state of the mirror: without the file a sync reads the same, and only the count of the
last 30 days is lost.
"""

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.removing import remove
from stripe_pipeline.stripe_client.resources import DAY

logger = logging.getLogger(__name__)

FILE = "reads.sqlite"
# SQLite's primary result codes, which are the low byte of an extended code.
_DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
# The purpose of the reads. A full read isn't expected to recur; everything else is.
WHOLE = "whole"
UPKEEP = "upkeep"
# The rate is measured over a week.
_STARTS_KEPT = 8 * DAY
_PATIENCE_SECONDS = 30.0  # to wait for another process that holds SQLite's lock
_SCHEMA = (
    "create table if not exists reads (mode text, day text, purpose text, reads integer not null, "
    "primary key (mode, day, purpose)) without rowid",
    "create table if not exists syncs (mode text, started_at integer, is_poll integer not null, "
    "reads integer not null, primary key (mode, started_at)) without rowid",
    "create table if not exists payments (mode text primary key, counted_at integer not null, "
    "payments integer not null) without rowid",
)


class Start(NamedTuple):
    """A sync of everything: its start in Unix seconds, and how many reads it took."""

    started_at: int
    is_poll: bool
    reads: int


class Reads:
    """The reads of one mode's key in one home folder."""

    def __init__(self, home: Path, mode: str) -> None:
        self.path = home / FILE
        self._mode = mode

    def add(self, purpose: str, reads: int, at: int) -> None:
        """Add reads to the count of the day of `at`.

        Raises:
            PipelineError: the file can't be written.
        """
        self._write(
            "insert into reads values (?, ?, ?, ?) "
            "on conflict do update set reads = reads + excluded.reads",
            (self._mode, _day(at), purpose, reads),
        )

    def began(self, at: int, *, is_poll: bool) -> None:
        """Record the start of a sync of everything.

        Raises:
            PipelineError: the file can't be written.
        """
        self._write("insert or replace into syncs values (?, ?, ?, 0)", (self._mode, at, is_poll))

    def ended(self, began_at: int, reads: int) -> None:
        """Record how many reads a sync took.

        Raises:
            PipelineError: the file can't be written.
        """
        self._write(
            "update syncs set reads = ? where mode = ? and started_at = ?",
            (reads, self._mode, began_at),
        )
        self._write("delete from syncs where started_at < ?", (began_at - _STARTS_KEPT,))

    def total(self, since: int, purposes: Sequence[str] = (WHOLE, UPKEEP)) -> int:
        """Return the reads on the day of `since` and all later days.

        Raises:
            PipelineError: the file can't be read.
        """
        marks = ", ".join("?" * len(purposes))
        [(found,)] = self._rows(
            "select coalesce(sum(reads), 0) from reads "
            f"where mode = ? and day >= ? and purpose in ({marks})",
            (self._mode, _day(since), *purposes),
        )
        return int(found)

    def starts(self, since: int) -> list[Start]:
        """Return the syncs of everything that started at `since` or later, oldest first.

        Raises:
            PipelineError: the file can't be read.
        """
        rows = self._rows(
            "select started_at, is_poll, reads from syncs "
            "where mode = ? and started_at >= ? order by 1",
            (self._mode, since),
        )
        return [Start(at, bool(is_poll), reads) for at, is_poll, reads in rows]

    def keep_payments(self, payments: int, at: int) -> None:
        """Store how many payments were counted, and when.

        Raises:
            PipelineError: the file can't be written.
        """
        self._write("insert or replace into payments values (?, ?, ?)", (self._mode, at, payments))

    def payments(self) -> tuple[int, int] | None:
        """Return when payments were last counted and how many, or None.

        Raises:
            PipelineError: the file can't be read.
        """
        sql = "select counted_at, payments from payments where mode = ?"
        rows = self._rows(sql, (self._mode,))
        return (rows[0][0], rows[0][1]) if rows else None

    def _write(self, sql: str, values: Sequence[object]) -> None:
        self._rows(sql, values)

    def _rows(self, sql: str, values: Sequence[object]) -> list[tuple[int, ...]]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _executed(self.path, sql, values)
            except sqlite3.Error as error:
                if not _is_damage(self.path, error):
                    raise
                _remove(self.path)
                return _executed(self.path, sql, values)
        except (sqlite3.Error, OSError) as error:
            raise PipelineError(
                f"{self.path}, where the reads of Stripe's API are counted, can't be used "
                f"({error}); make room and the folder writable."
            ) from error


def _executed(path: Path, sql: str, values: Sequence[object]) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS)) as connection, connection:
        for statement in _SCHEMA:
            connection.execute(statement)
        return connection.execute(sql, values).fetchall()


def _is_damage(path: Path, error: sqlite3.Error) -> bool:
    """Tell whether the file is damaged, and not a full disk, a lock or a permission the cause."""
    return path.is_dir() or getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def _remove(path: Path) -> None:
    logger.warning("%s was damaged; Stripe's reads are counted from now on", path)
    for each in (path, path.with_name(f"{path.name}-journal")):
        remove(each)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
