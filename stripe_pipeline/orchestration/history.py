"""Write Dagster's run history without a disk sync for each event."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def without_waiting_for_the_disk(folder: Path) -> Iterator[None]:
    """Let SQLite sync what is below a folder at the end of a block, not at each of its events.

    A run has a thousand events, and Dagster opens a new connection for each. Closing the last
    connection to a database checkpoints its journal, which syncs several times: here another
    connection stays open until the block ends, and nothing is synced in between. A power cut may
    lose the newest part of the history, never an older one; nothing else is kept there, and the
    next run closes the one that was interrupted.
    """
    held: dict[str, sqlite3.Connection] = {}

    def opened(connection: Any, _record: object) -> None:
        path = _path_of(connection) if isinstance(connection, sqlite3.Connection) else ""
        if path and Path(path).resolve().is_relative_to(folder.resolve()):
            connection.execute("pragma synchronous = normal")
            _hold(held, path)

    event.listen(Engine, "connect", opened)
    try:
        yield
    finally:
        event.remove(Engine, "connect", opened)
        for connection in held.values():
            connection.close()


def _path_of(connection: sqlite3.Connection) -> str:
    """Return the path of a connection's database; one in memory has none."""
    return str(connection.execute("pragma database_list").fetchone()[2])


def _hold(held: dict[str, sqlite3.Connection], path: str) -> None:
    """Keep an own connection to a database."""
    if path not in held:
        held[path] = sqlite3.connect(path, check_same_thread=False)
    # Only a connection that has read since the journal was created keeps it, and a new database
    # gets its journal later: so read again each time.
    held[path].execute("pragma schema_version").fetchall()
