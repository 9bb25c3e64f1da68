"""The run history is written without waiting for the disk, and is whole afterwards."""

from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from stripe_pipeline.orchestration.history import without_waiting_for_the_disk

_NORMAL, _FULL = 1, 2


def _write(database: Path) -> int:
    """Add a row as Dagster does, on a connection of its own; returns how it waits for the disk."""
    engine = create_engine(f"sqlite:///{database}", poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("pragma journal_mode = wal"))
        connection.execute(text("create table if not exists events (id integer)"))
        connection.execute(text("insert into events values (1)"))
        level: int = connection.execute(text("pragma synchronous")).scalar_one()
        return level


def _rows(database: Path) -> int:
    with create_engine(f"sqlite:///{database}", poolclass=NullPool).connect() as connection:
        count: int = connection.execute(text("select count(*) from events")).scalar_one()
        return count


def test_the_disk_is_waited_for_at_the_end_of_the_block(tmp_path: Path) -> None:
    database, journal = tmp_path / "history.db", tmp_path / "history.db-wal"
    with without_waiting_for_the_disk(tmp_path):
        _write(database)
        assert _write(database) == _NORMAL
        assert journal.stat().st_size > 0
    assert not journal.exists()
    assert _rows(database) == 2


def test_nothing_is_changed_outside_of_the_block(tmp_path: Path) -> None:
    with without_waiting_for_the_disk(tmp_path):
        pass
    assert _write(tmp_path / "history.db") == _FULL
    assert not (tmp_path / "history.db-wal").exists()


def test_a_database_that_is_not_below_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    with without_waiting_for_the_disk(tmp_path / "ours"):
        assert _write(tmp_path / "history.db") == _FULL
        assert not (tmp_path / "history.db-wal").exists()
        assert _write(tmp_path / "ours" / "history.db") == _NORMAL
