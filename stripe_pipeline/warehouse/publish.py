"""Publish the marts as Parquet, so that users and exports read while a run writes the warehouse.

`<home>/published` is a link to the newest set, `<home>/.published/<number>`. A set is complete
before the link is replaced by an atomic rename, so readers never see a partial set. A reader that
needs a consistent snapshot of several marts calls `published_set()` once and reads below it: that
folder is immutable, and the two sets before the newest are kept for such readers.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from filelock import FileLock

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.durable import sync_file, sync_folder
from stripe_pipeline.files.notes import read_note
from stripe_pipeline.files.removing import remove
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import TOLERANCE, in_words, present
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError, is_damage, reading_table
from stripe_pipeline.warehouse.emptied import refuse_emptied
from stripe_pipeline.warehouse.history import moves_of, record_moves
from stripe_pipeline.warehouse.queries import QUERIES, write_query
from stripe_pipeline.warehouse.renewal import cleaned_of
from stripe_pipeline.warehouse.transform import unwritable_home, wait_for_warehouse

SCHEMAS = ("marts", "activation")
# The marts' as-of instant, currency and zone, published with them for their readers.
CLOCK = ("intermediate", "run_clock")
KEPT_SETS = 3
PUBLISH_LOCK = ".publish.lock"
# The number of the newest erasure that a set takes into account.
NOTE = ".erased"


@dataclass(frozen=True)
class PublishReport:
    """What was published: the set's folder, rows by mart, and segment moves newly recorded."""

    folder: Path
    rows: dict[str, int]
    moves_recorded: int


def publish(settings: Settings, patience: float | None = None) -> PublishReport:
    """Record new segment moves in the lake, then publish the tables of marts and activation.

    The set becomes visible only after its moves are recorded, so that no export acts on a stay
    that could be lost. Idempotent for the recorded moves. `patience` is how many seconds to wait
    for the warehouse.

    Raises:
        PipelineError: there is no warehouse yet, it was computed for later than now, it holds what
            has been erased since, a mart that had rows has none, another process holds it or the
            lake for too long, or the home folder can't be written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.home / PUBLISH_LOCK):
            with _reading(settings, patience) as warehouse:
                _refuse_the_future(warehouse, settings)
                clean_of = _clean_enough(settings, warehouse)
                # After an erasure, a mart may be rightly empty: it may have been the last customer.
                if not settings.accepts_empty and clean_of <= _clean_of(settings.published):
                    refuse_emptied(warehouse, settings.published)
                moves = moves_of(warehouse)
                folder, rows = _write_set(warehouse, settings.home / ".published", clean_of)
            recorded = record_moves(moves, Lake(settings.lake))
            _point_to(folder, settings.published)
            _forget_older(folder.parent, clean_of)
    except OSError as error:
        raise unwritable_home(settings, error) from None
    except duckdb.Error as error:
        if is_damage(str(error)):
            raise DamagedWarehouseError(settings.warehouse) from None
        raise
    return PublishReport(folder, rows, recorded)


def published_set(settings: Settings) -> Path:
    """Return the folder of the newest published set, which is immutable.

    Raises:
        PipelineError: nothing has been published yet.
    """
    if not settings.published.exists():
        raise PipelineError(
            f"Nothing is published in {settings.published} yet; run `stripe-pipeline run` first."
        )
    return settings.published.resolve()


def published_as_of(settings: Settings) -> datetime | None:
    """Return the published tables' as-of instant (UTC); None where none are or they lack it."""
    clock = settings.published / f"{CLOCK[1]}.parquet"
    if not clock.exists():
        return None
    with reading_table(clock), clock.open("rb") as file:
        as_of: datetime = (
            pq.read_table(file, columns=["as_of"])["as_of"][0].as_py().replace(tzinfo=UTC)
        )
        return as_of


def copy_marts(settings: Settings, marts: Sequence[str], folder: Path) -> None:
    """Write some marts of the warehouse as Parquet into a new folder, without publishing them.

    Raises:
        PipelineError: there is no warehouse, or another process holds it for too long.
        OSError: the folder can't be written.
    """
    folder.mkdir(parents=True)
    with _reading(settings, None) as warehouse:
        for table in _tables(warehouse):
            if table.partition(".")[2] in marts:
                _copy(warehouse, table, folder)


@contextmanager
def _reading(settings: Settings, patience: float | None) -> Iterator[duckdb.DuckDBPyConnection]:
    if not settings.warehouse.exists():
        raise PipelineError(
            f"There is no warehouse {settings.warehouse} yet; run `stripe-pipeline run` first."
        )
    connection = _open(settings, patience)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def _open(settings: Settings, patience: float | None) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for reading; other readers may have it open, but no writer."""
    while True:
        try:
            return duckdb.connect(str(settings.warehouse), read_only=True)
        except duckdb.Error:
            # Logs which process holds it, gives up after `patience`, and refuses a damaged file.
            wait_for_warehouse(settings, patience)


def _refuse_the_future(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Refuse tables that were computed for later than now, by hand or by an old version."""
    if ".".join(CLOCK) not in _tables(warehouse):
        return
    row = warehouse.execute(f"select as_of from {'.'.join(CLOCK)}").fetchone()
    if row and row[0].replace(tzinfo=UTC) > present(settings) + TOLERANCE:
        raise PipelineError(
            f"Not published, because these tables were computed for {in_words(row[0])}, which is "
            "later than now; run `stripe-pipeline run`, which computes them for now."
        )


def _clean_enough(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the newest erasure; refuse tables that were computed before it."""
    clean_of = cleaned_of(warehouse)
    if clean_of < load_erasures(Lake(settings.lake)).number:
        raise PipelineError(
            "Not published, because a person's personal data was erased after these tables were "
            "computed, or while they were; run `stripe-pipeline run`, which recomputes them."
        )
    return clean_of


def _write_set(
    warehouse: duckdb.DuckDBPyConnection, sets: Path, clean_of: int
) -> tuple[Path, dict[str, int]]:
    """Write a new set beside the others atomically, with a note of its newest erasure."""
    sets.mkdir(parents=True, exist_ok=True)
    numbers = [int(path.name) for path in sets.iterdir() if path.name.isdigit()]
    folder = sets / f"{max(numbers, default=0) + 1:010d}"
    temporary = sets / f".{folder.name}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        temporary.mkdir()
        rows = _write_marts(warehouse, temporary)
        if clean_of:
            (temporary / NOTE).write_text(str(clean_of))
        sync_folder(temporary)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(sets)
    return folder, rows


def _write_marts(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Write the tables as Parquet, and the marts in QUERIES as queries; return rows by table."""
    rows = {}
    for table in _tables(warehouse):
        name = table.partition(".")[2]
        if name in QUERIES:
            write_query(warehouse, name, folder)
        else:
            rows[name] = _copy(warehouse, table, folder)
    return rows


def _tables(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    found = warehouse.execute(
        "select table_schema, table_name from information_schema.tables "
        "where (table_schema in (select unnest(?)) or (table_schema, table_name) = (?, ?)) "
        # What a killed dbt left of a table that it was replacing; its next run drops it.
        "and not contains(table_name, '__dbt_') "
        "order by all",
        [list(SCHEMAS), *CLOCK],
    ).fetchall()
    return [f"{schema}.{name}" for schema, name in found]


def _copy(warehouse: duckdb.DuckDBPyConnection, table: str, folder: Path) -> int:
    schema, _, name = table.partition(".")
    path = folder / f"{name}.parquet"
    target = str(path).replace("'", "''")
    try:
        copied = warehouse.execute(
            f"""copy "{schema}"."{name}" to '{target}' (format parquet, compression zstd)"""
        ).fetchall()
    except duckdb.IOException as error:
        raise OSError(None, str(error).splitlines()[0]) from None
    sync_file(path)
    rows: int = copied[0][0]
    return rows


def _point_to(folder: Path, link: Path) -> None:
    """Replace the link atomically; its target is relative, so the home folder may be moved."""
    temporary = link.with_name(f".{link.name}.link")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(os.path.relpath(folder, link.parent), target_is_directory=True)
    if link.is_dir() and not link.is_symlink():
        remove(link)  # restoring a backup that follows links makes it a folder
    temporary.replace(link)
    sync_folder(link.parent)


def is_set_outdated(settings: Settings) -> bool:
    """Return whether the published set holds data that has been erased since."""
    return _clean_of(published_set(settings)) < load_erasures(Lake(settings.lake)).number


def remove_outdated(settings: Settings) -> int:
    """Remove the sets that hold data erased since, even if no set is left to read.

    Returns how many there were. For when no newer set can be published in their place.
    """
    number, sets = load_erasures(Lake(settings.lake)).number, settings.home / ".published"
    if not number or not sets.exists():
        return 0
    outdated = [path for path in sets.iterdir() if _clean_of(path) < number]
    for path in outdated:
        if settings.published.resolve() == path.resolve():
            settings.published.unlink()
        shutil.rmtree(path, ignore_errors=True)
    return len(outdated)


def _clean_of(folder: Path) -> int:
    """Return the number of the newest erasure that a set takes into account."""
    text = read_note(folder / NOTE)
    return int(text) if text.isascii() and text.isdigit() else 0


def _forget_older(sets: Path, clean_of: int) -> None:
    """Remove all sets but the newest KEPT_SETS, and those that hold data erased since."""
    kept = sorted(path for path in sets.iterdir() if path.name.isdigit())[-KEPT_SETS:]
    kept = [path for path in kept if _clean_of(path) >= clean_of]
    for path in sets.iterdir():
        if path not in kept:
            shutil.rmtree(path, ignore_errors=True)
