"""Dagster's run history, written at the pace of the run instead of the disk's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """Let SQLite wait for the disk at the end of a block, not at each event of Dagster's.

    A run has a thousand events, and Dagster opens a database anew for each. Who closes a database
    as the last one empties its journal, which waits for the disk several times: here another
    connection stays open until the block ends, and in between nothing waits. A power cut may take
    the newest part of the history, never what was before it; nothing else is kept there, and the
    next run closes the one that was cut off.
    """
    held: dict[str, sqlite3.Connection] = {}

    def opened(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("pragma synchronous = normal")
            _hold(held, connection.execute("pragma database_list").fetchone()[2])

    event.listen(Engine, "connect", opened)
    try:
        yield
    finally:
        event.remove(Engine, "connect", opened)
        for connection in held.values():
            connection.close()


def _hold(held: dict[str, sqlite3.Connection], path: str) -> None:
    """Keep a connection of our own to a database; one in memory has no path."""
    if not path:
        return
    if path not in held:
        held[path] = sqlite3.connect(path, check_same_thread=False)
    # Only who has read since the database got its journal keeps it, and a new one gets it later.
    held[path].execute("pragma schema_version").fetchall()
