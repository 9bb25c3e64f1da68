"""Rebuild the warehouse after an erasure: a DuckDB file keeps the bytes of deleted rows.

A file that was created after an erasure, and filled from the lake alone, never held what was
erased. The number of that erasure is written into the file once all tables are in it: so a rebuild
that was killed is restarted, and a copy restored from an older backup is recognized as outdated.
"""

import logging
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.normalizing.step import normalized
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError, remove_warehouse
from stripe_pipeline.warehouse.dbt_failures import dbt_failure
from stripe_pipeline.warehouse.dbt_folders import project_folder
from stripe_pipeline.warehouse.transform import (
    TESTS_OF_THE_SQL,
    dbt_executable,
    dbt_process_environment,
    unwritable_home,
    wait_for_warehouse,
)

logger = logging.getLogger(__name__)

# A large shop's tables take minutes.
COMPUTING_PATIENCE_SECONDS = 600.0
_MODELS = ("build", "--resource-type", "model", "--resource-type", "seed")
_TESTS = ("test", "--exclude-resource-type", "unit_test", "--exclude", TESTS_OF_THE_SQL)


def cleaned_of(warehouse: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the newest erasure that an open warehouse takes into account."""
    # Without the table, DuckDB would resolve its name to a Python variable.
    there = "select 1 from duckdb_tables() where schema_name = 'main' and table_name = 'cleaned_of'"
    if not warehouse.execute(there).fetchall():
        return 0
    found = warehouse.execute("select max(erasure) from main.cleaned_of").fetchall()
    return found[0][0] or 0


def is_outdated(settings: Settings) -> bool:
    """Return whether there is a warehouse that may hold data erased since.

    The caller has waited for the warehouse.
    """
    number = load_erasures(Lake(settings.lake)).number
    if not number or not settings.warehouse.exists():
        return False
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return cleaned_of(warehouse) < number


@contextmanager
def computing(settings: Settings) -> Iterator[None]:
    """Acquire the home's computing lock: DuckDB's own is released between two dbt commands.

    Raises:
        PipelineError: another process holds it for too long, or the home folder can't be written.
    """
    lock = FileLock(settings.home / ".warehouse.lock", thread_local=False)
    with ExitStack() as held:
        try:
            held.enter_context(lock.acquire(timeout=0))
        except Timeout:
            logger.info("Waiting for the run that is computing the tables of %s", settings.home)
            held.enter_context(_patiently(lock, settings))
        except OSError as error:
            raise unwritable_home(settings, error) from None
        yield


def _patiently(lock: FileLock, settings: Settings) -> AbstractContextManager[object]:
    try:
        return lock.acquire(timeout=COMPUTING_PATIENCE_SECONDS)
    except Timeout:
        raise PipelineError(
            f"Another run has been computing the tables of {settings.home} for "
            f"{COMPUTING_PATIENCE_SECONDS:.0f} seconds; wait until it has finished and try again."
        ) from None


@contextmanager
def renewing(settings: Settings, as_of: datetime) -> Iterator[None]:
    """Have the block's full build fill a new file, if the old is damaged or holds erased data.

    Where the build ends with an error, such as a failed check, the tables that it skipped are
    computed all the same, because other commands of the home read them.

    Raises:
        PipelineError: another process holds the warehouse for too long, or it can't be written.
    """
    without_damage(settings)
    number = _begin(settings)
    try:
        yield
    except Exception:
        if number and _dbt(settings, as_of, _MODELS):
            _mark(settings, number)
        raise
    if number:
        _mark(settings, number)


def renew_warehouse(settings: Settings, as_of: datetime) -> bool:
    """Rebuild all tables in a new file, if the old one is damaged or holds erased data.

    Returns whether that was needed.

    Raises:
        PipelineError: another process holds the warehouse for too long, it can't be written, or a
            table can't be computed. The erased data isn't in the file any more, and the next call
            restarts the rebuild.
    """
    ensure_tables(Lake(settings.lake))
    was_damaged = without_damage(settings)
    number = _begin(settings)
    if not number and not was_damaged:
        return False
    if not _dbt(settings, as_of, _MODELS):
        raise dbt_failure(settings)
    if number:
        _mark(settings, number)
    return True


def without_damage(settings: Settings) -> bool:
    """Wait until the warehouse is free; remove it if it is damaged, and return whether it was.

    The caller holds the lock of `computing`. Everything in the file can be rebuilt from the lake.

    Raises:
        PipelineError: another process holds it for too long, or it can't be removed.
    """
    try:
        wait_for_warehouse(settings)
        return False
    except DamagedWarehouseError:
        logger.warning("The warehouse %s is damaged; computing it again", settings.warehouse)
    with _writing(settings):
        remove_warehouse(settings.warehouse)
    return True


def compute(settings: Settings, as_of: datetime, selected: Sequence[str]) -> None:
    """Compute the selected tables, given in dbt's selection syntax, without tests.

    Raises:
        PipelineError: a table can't be computed.
    """
    if not _dbt(settings, as_of, (*_MODELS, "--select", *selected)):
        raise dbt_failure(settings)


def passes_tests(settings: Settings, as_of: datetime) -> bool:
    """Run the data tests, which may block publishing; return whether all passed."""
    return _dbt(settings, as_of, _TESTS)


def _begin(settings: Settings) -> int:
    """Replace a warehouse that holds erased data by an empty file.

    Returns the number of the newest erasure, with which the file is to be marked when it is full; 0
    where there is nothing to do. The number is read before anything of the lake is: an erasure that
    is recorded meanwhile has a greater one.
    """
    number = load_erasures(Lake(settings.lake)).number
    if number and not settings.warehouse.exists():
        # A new file holds no erased data, so it is marked at once; a partial one is completed by
        # the next run.
        _mark(settings, number)
    if not is_outdated(settings):
        return 0
    logger.info("Rebuilding the warehouse, because a person's personal data was erased")
    with _writing(settings):
        _empty(settings.warehouse)
    return number


@contextmanager
def _writing(settings: Settings) -> Iterator[None]:
    """Convert an error on writing in the home into a PipelineError."""
    try:
        yield
    except OSError as error:
        raise unwritable_home(settings, error) from None
    except duckdb.IOException as error:
        raise unwritable_home(settings, OSError(None, str(error).splitlines()[0])) from None


def _empty(warehouse: Path) -> None:
    """Atomically replace the database by a new, empty one."""
    new = warehouse.with_name(f".{warehouse.name}.new")
    new.unlink(missing_ok=True)
    duckdb.connect(str(new)).close()
    # Files that a killed process left beside the database belong to the old one.
    warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
    shutil.rmtree(warehouse.with_name(f"{warehouse.name}.tmp"), ignore_errors=True)
    new.replace(warehouse)


def _mark(settings: Settings, number: int) -> None:
    wait_for_warehouse(settings)
    with _writing(settings), duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute(
            "create or replace table main.cleaned_of as select ? as erasure", [number]
        )


def _dbt(settings: Settings, as_of: datetime, arguments: Sequence[str]) -> bool:
    with normalized(Lake(settings.lake)):
        done = subprocess.run(
            [dbt_executable(), "--quiet", *arguments],
            env=dbt_process_environment(settings, as_of),
            cwd=project_folder(settings), capture_output=True, check=False,
        )  # fmt: skip
    return not done.returncode
