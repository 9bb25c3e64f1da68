"""Files that can be computed again: what tells that one is damaged, and how it is taken away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.removing import remove

# What DuckDB says of a file that it can't read, and not of a disk, a permission or a lock.
_SAID_OF_DAMAGE = (
    "not a valid DuckDB database",
    "Could not read enough bytes",
    "Corrupt database file",
    "Is a directory",
    "Trying to read a database file with version",
)


class DamagedWarehouseError(PipelineError):
    """The warehouse can't be read; a run removes it and computes it from the lake."""

    def __init__(self, warehouse: Path) -> None:
        super().__init__(
            f"The warehouse {warehouse} is damaged; run `stripe-pipeline run`, which removes it "
            "and computes it from the lake."
        )


def is_damage(message: str) -> bool:
    """Tell whether a message of DuckDB's says that the database's own file is damaged."""
    return any(said in message for said in _SAID_OF_DAMAGE)


def remove_warehouse(warehouse: Path) -> None:
    """Remove a warehouse and what DuckDB has beside it; a copy would outlive an erasure."""
    for path in (
        warehouse,
        warehouse.with_name(f"{warehouse.name}.wal"),
        warehouse.with_name(f"{warehouse.name}.tmp"),
    ):
        remove(path)


@contextmanager
def reading_table(path: Path) -> Iterator[None]:
    """Say of a published table that it can't be read, whatever the library's words for it are.

    Raises:
        PipelineError: it is damaged, or an older run's, which lacks a column.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise PipelineError(
            f"The published table {path} can't be read; run `stripe-pipeline run`, which publishes "
            "all of them again."
        ) from error
