"""What dbt needs from the product: its environment, and a warehouse that is free."""

import logging
import re
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import unwritable
from stripe_pipeline.files.private import make_private
from stripe_pipeline.process.environment import dbt_surroundings
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError, is_damage
from stripe_pipeline.warehouse.dbt_folders import (
    LAKE_FROM_PROJECT,
    WAREHOUSE_FROM_PROJECT,
    dbt_folder,
    link_project,
)

logger = logging.getLogger(__name__)

# What checks the SQL and not the data, beside the unit tests: `make test` runs it, a run need not.
TESTS_OF_THE_SQL = "tag:grain"

# Long enough for a user's query to end or another run to finish on a small shop.
WAREHOUSE_PATIENCE_SECONDS = 60.0
_RETRY_SECONDS = 0.5
_NOTICE_SECONDS = 10.0


def dbt_executable() -> str:
    """Return the path of the dbt installed beside this Python, whether or not it is on the PATH."""
    return str(Path(sys.executable).with_name("dbt"))


def dbt_environment(settings: Settings, as_of: datetime) -> dict[str, str]:
    """Return the environment variables for every dbt command of the product.

    `as_of` is the as-of instant in UTC. Only it may differ between two runs of one home: dbt
    then re-parses one model and takes the rest from its cache. Creates the home's project folder.

    Raises:
        PipelineError: the home can't be written.
    """
    try:
        project = str(link_project(settings))
    except OSError as error:
        raise unwritable_home(settings, error) from None
    return {
        "STRIPE_PIPELINE_HOME": str(settings.home),
        "STRIPE_PIPELINE_AS_OF": as_of.astimezone(UTC).isoformat(),
        "STRIPE_PIPELINE_REPORTING_CURRENCY": settings.reporting_currency,
        "STRIPE_PIPELINE_REPORTING_TIMEZONE": settings.reporting_timezone,
        "STRIPE_PIPELINE_EXCHANGE_RATES": str(settings.rates_file or ""),
        "STRIPE_PIPELINE_RATES_MAX_AGE_DAYS": str(settings.rates_max_age_days),
        "STRIPE_PIPELINE_ORDER_SOURCES": ",".join(settings.order_sources),
        "STRIPE_PIPELINE_CUSTOMER_METADATA": ",".join(settings.customer_metadata),
        "STRIPE_PIPELINE_PERSON_METADATA_KEY": settings.person_metadata_key,
        "STRIPE_PIPELINE_SEGMENTS": str(settings.segments),
        "STRIPE_PIPELINE_PERSON_OVERRIDES": str(settings.person_overrides or ""),
        "STRIPE_PIPELINE_WAREHOUSE": WAREHOUSE_FROM_PROJECT,
        "STRIPE_PIPELINE_LAKE": LAKE_FROM_PROJECT,
        "DBT_PROJECT_DIR": project,
        "DBT_PROFILES_DIR": project,
        "DBT_TARGET_PATH": str(dbt_folder(settings) / "target"),
        # Errors are in dbt's run results; a full log would cost a tenth of its time.
        "DBT_LOG_PATH": str(dbt_folder(settings) / "logs"),
        "DBT_LOG_LEVEL_FILE": "none",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_USE_COLORS": "false",
    }


def dbt_process_environment(settings: Settings, as_of: datetime) -> dict[str, str]:
    """Return the whole environment of a dbt process, without the shell's own dbt variables."""
    return {**dbt_surroundings(), **dbt_environment(settings, as_of)}


def make_folder(settings: Settings, folder: Path) -> Path:
    """Create a folder of the home if it doesn't exist, and check that it can be written.

    Raises:
        PipelineError: the home folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make_private(settings.home)
        # An existing folder may be read-only.
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        raise unwritable_home(settings, error) from None
    return folder


def unwritable_home(settings: Settings, error: OSError) -> PipelineError:
    """Return the error for a home folder that can't be written."""
    return unwritable(settings.home, error)


def wait_for_warehouse(settings: Settings, patience: float | None = None) -> None:
    """Wait until no other process holds the warehouse file, which has one writer at a time.

    `patience` is in seconds, by default WAREHOUSE_PATIENCE_SECONDS.

    Raises:
        PipelineError: it was still held when patience ran out (the holder's process id is
            named), or the file can't be opened.
        DamagedWarehouseError: it is no DuckDB database, or a corrupt one.
    """
    limit = WAREHOUSE_PATIENCE_SECONDS if patience is None else patience
    began = noticed = time.monotonic()
    while (holder := _holder(settings.warehouse)) is not None:
        now = time.monotonic()
        if now - began >= limit:
            raise PipelineError(
                f"The warehouse {settings.warehouse} is still held open by process {holder} after "
                f"{limit:.0f} seconds; close what has it open there (a notebook, a DuckDB shell, "
                "another run) and start again."
            )
        if noticed == began or now - noticed >= _NOTICE_SECONDS:
            noticed = now
            logger.info(
                "Waiting for the warehouse %s, which process %s holds open (%.0f of %.0f seconds)",
                settings.warehouse, holder, now - began, limit,
            )  # fmt: skip
        time.sleep(min(_RETRY_SECONDS, limit))


def _holder(warehouse: Path) -> str | None:
    """Return the id of the process that holds the file open, or None when it is free."""
    if not warehouse.exists():
        return None
    try:
        with duckdb.connect(str(warehouse)):
            # What a killed run had spilled to disk: DuckDB keeps it until it next needs the room.
            # No other process has the file open now.
            shutil.rmtree(warehouse.with_name(f"{warehouse.name}.tmp"), ignore_errors=True)
    except duckdb.Error as error:
        return _holder_said(warehouse, str(error))
    return None


def _holder_said(warehouse: Path, message: str) -> str:
    if is_damage(message):
        raise DamagedWarehouseError(warehouse)
    holder = re.search(r"PID (\d+)", message)
    if holder is None and "lock" not in message.lower():
        # After the path comes the operating system's message.
        reason = message.splitlines()[0].rpartition(": ")[2].rstrip(".")
        raise PipelineError(
            f"The warehouse {warehouse} can't be opened ({reason}); mend that and run again."
        )
    return holder[1] if holder else "unknown"
