"""Write, list and read the batches of a lake.

A batch is one Parquet file, `<lake>/<table>/<sequence>.parquet`. It is written to a temporary
name, synced and renamed atomically, so a reader sees all of it or nothing; afterwards it is
immutable. Its cursor is in the file's own metadata, so that no second file can disagree with it.
Sequences rise by one within a table, whatever the clock says: of two rows with the same key, the
one in the later batch, or later in the same batch, is the newer.

A merged batch replaces those just before it (see compact.py): it has their rows before its own,
its metadata names the first of them, and their files are kept for a while for running readers.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.durable import replacing
from stripe_pipeline.lake.checked import Checked, Identity, identity
from stripe_pipeline.lake.holding import holding_derived, holding_lake, holding_ledgers
from stripe_pipeline.lake.places import placed, unplaced

CURSOR_KEY = b"stripe_pipeline.cursor"
# The number of the first batch whose rows a file holds; without it, that is the file's own.
FIRST_KEY = b"stripe_pipeline.first"
# Page checksums turn silent corruption into an error.
# To look one object up, a reader decodes its whole row group: about so many bytes in memory.
ROW_GROUP_BYTES = 1_000_000
WRITING = {"compression": "zstd", "compression_level": 1, "write_page_checksum": True}
_NAME = re.compile(r"\d+\.parquet")
# What people told us: recorded at any time, even while a sync holds the lake's lock.
LEDGERS = ("consent_entries", "suppression_entries")
# What follows from the other tables (normalizing/): written under a lock of its own, so that a run
# needn't wait for a sync. The first says what the others are complete for.
DERIVED = (
    "contact_batches",
    "contact_countries",
    "contact_locales",
    "contact_names",
    "contact_emails",
    "contact_phones",
)
# The ledgers' lock is held for moments; short enough for a user who waits at the terminal.
LEDGER_PATIENCE_SECONDS = 30.0


class TornBatchError(PipelineError):
    """A batch's file is damaged: truncated or corrupted."""

    def __init__(self, batch: "Batch", cause: BaseException) -> None:
        super().__init__(
            f"The batch {batch.path} is damaged ({cause}); a sync reads again what Stripe still "
            "has of it (`stripe-pipeline sync --full` looks at every file); anything else has to "
            "be restored from a backup."
        )
        self.batch = batch


@dataclass(frozen=True)
class Batch:
    """One committed file: its table, its place in the order of writing, and its cursor."""

    table: str
    sequence: int
    path: Path

    def replaces(self) -> range:
        """The numbers of the batches that it replaces; none where it is damaged."""
        try:
            return range(self.first(), self.sequence)
        except TornBatchError:
            return range(0)

    def cursor(self) -> dict[str, Any]:
        """Read the cursor that the batch's writer recorded."""
        with self.open() as file:
            metadata = file.metadata.metadata or {}
        cursor: dict[str, Any] = msgspec.json.decode(metadata.get(CURSOR_KEY, b"{}"))
        return cursor

    def first(self) -> int:
        """Return the number of the oldest batch whose rows are in this one: mostly its own."""
        return _first(self, identity(self.path))

    def rows(self) -> int:
        """Count the rows, from the file's metadata."""
        with self.open() as file:
            rows: int = file.metadata.num_rows
            return rows

    @contextmanager
    def open(self) -> Iterator[pq.ParquetFile]:
        """Open the file.

        Raises:
            TornBatchError: its content is damaged.
            PipelineError: the operating system refuses to read it.
        """
        try:
            # A ParquetFile, unlike read_table, doesn't guess partitions from the folder's name.
            with pq.ParquetFile(self.path, page_checksum_verification=True) as file:
                yield file
        except (pa.ArrowException, OSError) as error:
            if getattr(error, "errno", None) is None:
                raise TornBatchError(self, error) from error
            raise PipelineError(
                f"The batch {self.path} can't be read ({error}); look after the disk and the "
                "permissions of the home folder, and run again."
            ) from error


class Lake:
    """The batches below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checked = Checked(root)

    def batches(self, table: str) -> list[Batch]:
        """List the batches of a table, oldest first, without replaced ones: each row is in one."""
        there = self.files(table)
        replaced = {number for batch in self.merged(table) for number in batch.replaces()}
        return [batch for batch in there if batch.sequence not in replaced]

    def files(self, table: str) -> list[Batch]:
        """List all files of a table, including those whose rows are in a merged one too."""
        paths = sorted((self.root / table).glob("[0-9]*.parquet"))
        named = [path for path in paths if _NAME.fullmatch(path.name)]
        return [Batch(table, int(path.stem), path) for path in named]

    def merged(self, table: str) -> list[Batch]:
        """List the merged batches whose replaced files still exist."""
        marks = sorted((self.root / table).glob(".[0-9]*.merged"))
        paths = [mark.with_name(f"{mark.stem[1:]}.parquet") for mark in marks]
        return [Batch(table, int(path.stem), path) for path in paths if path.exists()]

    def read(self, table: str, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """Read a table's batches, oldest first, each as an Arrow table without its rows' places."""
        for batch in self.batches(table):
            with batch.open() as file:
                rows = file.read(columns)
            yield rows if columns else unplaced(rows)

    def append(self, table: str, rows: pa.Table, cursor: dict[str, Any]) -> Batch:
        """Commit rows as the newest batch of a table, with a cursor in the file's metadata.

        The caller holds the lake's lock (see `writing`), for a ledger the ledgers' lock (see
        `recording`), for a derived table theirs (see `deriving`): it keeps sequences unique.

        Raises:
            PipelineError: the disk is full, or the folder can't be written.
        """
        folder = self.root / table
        existing = self.batches(table)
        sequence = existing[-1].sequence + 1 if existing else 1
        path = folder / f"{sequence:010d}.parquet"
        marked = placed(rows, sequence).replace_schema_metadata(
            {CURSOR_KEY: msgspec.json.encode(cursor)}
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                pq.write_table(marked, file, row_group_size=rows_together(marked), **WRITING)
            self.checked.add([path])
        except OSError as error:
            raise PipelineError(
                f"The lake's table {table} can't be written ({error.strerror or error}); make room "
                f"and check the permissions of {folder}, then run the same command again: it goes "
                "on where it stopped."
            ) from error
        return Batch(table, sequence, path)

    @contextmanager
    def writing(self, patience: float = 0) -> Iterator[None]:
        """Hold the write lock of the lake, without its ledgers and its derived tables.

        `patience` is how many seconds to wait for another process that is writing.

        Raises:
            PipelineError: another process is still writing, or the folder can't be written.
        """
        with holding_lake(self.root, patience):
            try:
                self._clear_unfinished_files(self._own_tables())
                yield
            finally:
                self.checked.save()

    @contextmanager
    def recording(self, patience: float) -> Iterator[None]:
        """Hold the write lock of the ledgers; to hold both, acquire `writing` first.

        Raises:
            PipelineError: as `writing`.
        """
        with holding_ledgers(self.root, patience):
            self._clear_unfinished_files(LEDGERS)
            yield

    @contextmanager
    def deriving(self, patience: float) -> Iterator[None]:
        """Hold the write lock of the derived tables; to hold several, acquire the others first.

        Raises:
            PipelineError: as `writing`.
        """
        with holding_derived(self.root, patience):
            try:
                self._clear_unfinished_files(DERIVED)
                yield
            finally:
                self.checked.save()

    def _own_tables(self) -> list[str]:
        """Return the tables that are there, without those that have a lock of their own."""
        names = (path.name for path in self.root.glob("*") if path.is_dir())
        return [name for name in names if name not in LEDGERS + DERIVED]

    def _clear_unfinished_files(self, tables: Collection[str]) -> None:
        """Remove the temporary files of a killed process."""
        for table in tables:
            for path in (self.root / table).glob(".*.parquet.tmp"):
                path.unlink(missing_ok=True)


def rows_together(rows: pa.Table) -> int:
    """Return how many of these rows make a row group of ROW_GROUP_BYTES."""
    together: int = max(100, rows.num_rows * ROW_GROUP_BYTES // max(rows.nbytes, 1))
    return together


@lru_cache(maxsize=1024)
def _first(batch: Batch, _: Identity) -> int:
    with batch.open() as file:
        metadata = file.metadata.metadata or {}
    return int(metadata.get(FIRST_KEY, batch.sequence))
