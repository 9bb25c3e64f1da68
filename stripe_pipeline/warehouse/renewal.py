"""Compute the warehouse anew after an erasure: a DuckDB file keeps the bytes of rows that are gone.

What it has to be clean of stands in the file itself, as the number of the newest erasure when it
was begun; so a copy that is restored from a backup is seen for what it is.
"""

import logging
import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.lake.tables import ensure_tables
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.dbt_failures import dbt_failure
from stripe_pipeline.warehouse.transform import (
    DBT_PROJECT,
    dbt_environment,
    dbt_executable,
    wait_for_warehouse,
)

logger = logging.getLogger(__name__)

_MODELS = ("build", "--resource-type", "model", "--resource-type", "seed")
_TESTS = ("test", "--exclude-resource-type", "unit_test")


def cleaned_of(warehouse: duckdb.DuckDBPyConnection) -> int:
    """The number of the newest erasure that an open warehouse takes into account."""
    # Without the table, DuckDB would take its name for a variable of this program's.
    there = "select 1 from duckdb_tables() where schema_name = 'main' and table_name = 'cleaned_of'"
    if warehouse.execute(there).fetchone() is None:
        return 0
    found = warehouse.execute("select max(erasure) from main.cleaned_of").fetchone()
    return (found[0] if found else None) or 0


def is_outdated(settings: Settings) -> bool:
    """Tell whether there is a warehouse, and it may hold what has been erased since.

    The caller has waited for the warehouse.
    """
    erasures = load_erasures(Lake(settings.lake))
    if not erasures.reasons or not settings.warehouse.exists():
        return False
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return cleaned_of(warehouse) < erasures.number


def renew_warehouse(settings: Settings, as_of: datetime, *, tested: bool = False) -> bool:
    """Compute all tables in a new file, if the one that is there holds what has been erased.

    Returns whether all is well: `tested` runs the tests as well, and False says that one failed.

    Raises:
        PipelineError: somebody holds the warehouse for too long, or a table can't be computed. What
            was erased isn't in the file any more, and the next call begins anew.
    """
    lake = Lake(settings.lake)
    ensure_tables(lake)
    wait_for_warehouse(settings)
    erasures = load_erasures(lake)
    if not settings.warehouse.exists():
        if erasures.reasons:
            _mark(settings, erasures.number)
        return True
    if not is_outdated(settings):
        return True
    logger.info("Computing the warehouse anew, as somebody's personal data was erased")
    _empty(settings.warehouse)
    if not _dbt(settings, as_of, _MODELS):
        raise dbt_failure(settings)
    _mark(settings, erasures.number)
    return not tested or _dbt(settings, as_of, _TESTS)


def _empty(warehouse: Path) -> None:
    """Put a new, empty database in the place of the old one, in one step."""
    new = warehouse.with_name(f".{warehouse.name}.new")
    new.unlink(missing_ok=True)
    duckdb.connect(str(new)).close()
    # What a process that was killed left beside the file is part of the old one.
    warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
    shutil.rmtree(warehouse.with_name(f"{warehouse.name}.tmp"), ignore_errors=True)
    new.replace(warehouse)


def _mark(settings: Settings, number: int) -> None:
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute(
            "create or replace table main.cleaned_of as select ? as erasure", [number]
        )


def _dbt(settings: Settings, as_of: datetime, arguments: Sequence[str]) -> bool:
    done = subprocess.run(
        [dbt_executable(), "--quiet", *arguments],
        env={**os.environ, **dbt_environment(settings, as_of)},
        cwd=DBT_PROJECT, capture_output=True, check=False,
    )  # fmt: skip
    return not done.returncode
