"""Detect and remove damaged files that can be recomputed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.removing import remove

# Parts of DuckDB's messages on a corrupt file, but not on a disk, a permission or a lock.
_SAID_OF_DAMAGE = (
    "not a valid DuckDB database",
    "Could not read enough bytes",
    "Corrupt database file",
    "Is a directory",
    "Trying to read a database file with version",
)


class DamagedWarehouseError(PipelineError):
    """The warehouse can't be read; the next run removes it and rebuilds it from the lake."""

    def __init__(self, warehouse: Path) -> None:
        super().__init__(
            f"The warehouse {warehouse} is damaged; run `stripe-pipeline run`, which removes it "
            "and computes it from the lake."
        )


def is_damage(message: str) -> bool:
    """Return whether a DuckDB message says that the database file itself is damaged."""
    return any(said in message for said in _SAID_OF_DAMAGE)


def remove_warehouse(warehouse: Path) -> None:
    """Remove a warehouse and DuckDB's files beside it; a copy kept would outlive an erasure."""
    for path in (
        warehouse,
        warehouse.with_name(f"{warehouse.name}.wal"),
        warehouse.with_name(f"{warehouse.name}.tmp"),
    ):
        remove(path)


@contextmanager
def reading_table(path: Path) -> Iterator[None]:
    """Convert a library's error on reading a published table into a PipelineError.

    Raises:
        PipelineError: the table is damaged, or an older run published it without some column.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise PipelineError(
            f"The published table {path} can't be read; run `stripe-pipeline run`, which publishes "
            "all of them again."
        ) from error
