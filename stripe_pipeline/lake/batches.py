"""Write, list and read the batches of a lake.

A batch is one Parquet file, `<lake>/<table>/<sequence>.parquet`. It is written under another
name, synced to disk and renamed, so a reader sees all of it or nothing; afterwards it never
changes. What the batch stands for (its cursor) is in the file's own metadata, so that no second
file can disagree with it. Sequences rise by one within a table, whatever the clock says: of two
rows with the same key, the one in the later batch, or later in the same batch, is the newer.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake.durable import sync_folder

CURSOR_KEY = b"stripe_pipeline.cursor"
COMPRESSION = "zstd"
COMPRESSION_LEVEL = 1


@dataclass(frozen=True)
class Batch:
    """One committed file: its table, its place in the order of writing, and its cursor."""

    table: str
    sequence: int
    path: Path

    def cursor(self) -> dict[str, Any]:
        """Read what the batch stands for, as its writer recorded it."""
        metadata = pq.read_metadata(self.path).metadata or {}
        return msgspec.json.decode(metadata.get(CURSOR_KEY, b"{}"))

    def rows(self) -> int:
        """Count the rows, from the file's metadata."""
        return pq.read_metadata(self.path).num_rows


class Lake:
    """The batches below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def batches(self, table: str) -> list[Batch]:
        """List the committed batches of a table, oldest first."""
        paths = sorted((self.root / table).glob("[0-9]*.parquet"))
        return [Batch(table, int(path.stem), path) for path in paths]

    def read(self, table: str, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """Read a table's batches, oldest first, each as an Arrow table."""
        for batch in self.batches(table):
            # A ParquetFile, unlike read_table, doesn't guess partitions from the folder's name.
            with pq.ParquetFile(batch.path) as file:
                yield file.read(columns)

    def append(self, table: str, rows: pa.Table, cursor: dict[str, Any]) -> Batch:
        """Commit rows as the newest batch of a table, with a cursor in the file's metadata.

        The caller holds the lake's lock (see `writing`), which keeps sequences unique.
        """
        folder = self.root / table
        folder.mkdir(parents=True, exist_ok=True)
        existing = self.batches(table)
        sequence = existing[-1].sequence + 1 if existing else 1
        path = folder / f"{sequence:010d}.parquet"
        marked = rows.replace_schema_metadata({CURSOR_KEY: msgspec.json.encode(cursor)})
        _write_durably(marked, path)
        return Batch(table, sequence, path)

    @contextmanager
    def writing(self, patience: float = 0) -> Iterator[None]:
        """Hold the lake for writing; the operating system frees it if this process dies.

        `patience` is how many seconds to wait for another process that is writing.

        Raises:
            PipelineError: another process is still writing, or the folder can't be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / ".lock", timeout=patience)
            lock.acquire()
        except Timeout:
            raise PipelineError(
                f"Another sync is writing to {self.root}; wait until it has finished and try again."
            ) from None
        except OSError as error:
            raise PipelineError(
                f"The home folder {self.root.parent} can't be written ({error.strerror}); give it "
                "write permission, or name another folder in STRIPE_PIPELINE_HOME."
            ) from None
        try:
            yield
        finally:
            lock.release()


def _write_durably(rows: pa.Table, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            pq.write_table(rows, file, compression=COMPRESSION, compression_level=COMPRESSION_LEVEL)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
