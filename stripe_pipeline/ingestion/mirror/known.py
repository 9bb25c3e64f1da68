"""An in-memory index of the versions in the lake, in about 40 bytes an object.

It answers two questions about a resource that is re-read: has this object changed, and which
objects should have been listed and weren't.
"""

from collections.abc import Collection, Iterator, Sequence
from enum import Enum
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stripe_pipeline.lake import Batch, Lake
from stripe_pipeline.stripe_client.lists.windows import Window
from stripe_pipeline.values.objects import ObjectRow

_COLUMNS = ["id", "created", "is_deleted", "body"]
_ROWS_AT_A_TIME = 2_000
_ROWS_IN_A_BATCH = 1 << 32  # more than any batch has
_NO_TIME = np.iinfo(np.int64).min

Hashes = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int64]


class Standing(Enum):
    """How an object that was read compares with the lake's newest version of it."""

    NEW = "the lake hadn't had it"
    CHANGED = "the lake has another version"
    SAME = "the lake has this very body"


class Known:
    """The current version of each object of a table, by digest."""

    def __init__(self, batches: Sequence[Batch], parts: Sequence["_Part"]) -> None:
        """Index versions in the order of writing; the last one of an id counts."""
        self._batches = batches
        hashes = _joined([part.hashes for part in parts], np.int64)
        self._hashes, last = np.unique(hashes[::-1], return_index=True)
        keep = len(hashes) - 1 - last
        self._digests = _joined([part.digests for part in parts], np.int64)[keep]
        self._places = _joined([part.places for part in parts], np.int64)[keep]
        self._live = _joined([part.live for part in parts], np.bool_)[keep]
        self._created = _joined([part.created for part in parts], np.int64)[keep]
        self._by_time = np.argsort(self._created, kind="stable").astype(np.uint32)
        self._seen = np.zeros(len(keep), dtype=bool)

    @classmethod
    def load(
        cls,
        lake: Lake,
        table: str,
        since: int | None = None,
        only: Collection[str] | None = None,
    ) -> Self:
        """Index a table.

        `since` skips row groups that hold only objects created before it, and `only` every object
        with another id; row groups without any of these ids aren't read.
        """
        wanted = None if only is None else pa.array(list(only), pa.string())
        batches = lake.batches(table)
        parts = [
            part
            for number, batch in enumerate(batches)
            for part in _parts(batch, number * _ROWS_IN_A_BATCH, since, wanted)
        ]
        return cls(batches, parts)

    @classmethod
    def nothing(cls) -> Self:
        """Return an empty index, to which every object is new."""
        return cls([], [])

    def __len__(self) -> int:
        return len(self._hashes)

    @property
    def newest(self) -> int | None:
        """The greatest creation time, or None."""
        newest = int(self._created.max()) if len(self) else _NO_TIME
        return None if newest == _NO_TIME else newest

    def __contains__(self, identifier: str) -> bool:
        return self._position(identifier) is not None

    def is_live(self, identifier: str) -> bool:
        """Tell whether the lake has the object and it isn't deleted."""
        position = self._position(identifier)
        return position is not None and bool(self._live[position])

    def live_ids(self) -> list[str]:
        """Return the ids of all objects that aren't deleted."""
        return self._ids(np.flatnonzero(self._live))

    def note(self, rows: Sequence[ObjectRow]) -> list[Standing]:
        """Mark objects as listed, and return how each compares with the lake's version."""
        if not len(self):
            return [Standing.NEW] * len(rows)
        hashes = _hashed([row.id.encode() for row in rows])
        positions = np.searchsorted(self._hashes, hashes).clip(max=len(self) - 1)
        is_known = self._hashes[positions] == hashes
        self._seen[positions[is_known]] = True
        is_same = is_known & (self._digests[positions] == _hashed([row.body for row in rows]))
        return [
            Standing.SAME if same else Standing.CHANGED if known else Standing.NEW
            for known, same in zip(is_known.tolist(), is_same.tolist(), strict=True)
        ]

    def unseen(self, windows: Sequence[Window]) -> list[str]:
        """Return the ids of live objects created within the windows that were not listed."""
        if not len(self):
            return []
        return [each for window in windows for each in self._ids(self._missing(window))]

    def _missing(self, window: Window) -> Positions:
        after = _NO_TIME if window.after is None else window.after
        start = self._created.searchsorted(after, "right", sorter=self._by_time)
        stop = len(self)
        if window.upto is not None:
            stop = int(self._created.searchsorted(window.upto, "right", sorter=self._by_time))
        inside = self._by_time[start:stop]
        return inside[self._live[inside] & ~self._seen[inside]].astype(np.int64)

    def _ids(self, positions: Positions) -> list[str]:
        """Read ids from the lake; they are needed too seldom to keep in memory."""
        places = np.sort(self._places[positions])
        found: list[str] = []
        for number in np.unique(places // _ROWS_IN_A_BATCH).tolist():
            rows = places[places // _ROWS_IN_A_BATCH == number] % _ROWS_IN_A_BATCH
            with self._batches[number].open() as file:
                ids = file.read(["id"])["id"]
            found += ids.take(pa.array(rows.tolist(), pa.int64())).to_pylist()
        return found

    def _position(self, identifier: str) -> int | None:
        if not len(self):
            return None
        wanted = _hashed([identifier.encode()])[0]
        position = int(np.searchsorted(self._hashes, wanted))
        found = position < len(self._hashes) and self._hashes[position] == wanted
        return position if found else None


class _Part(NamedTuple):
    """Versions in the order of writing, column by column."""

    hashes: Hashes  # of the ids
    digests: Hashes  # of the bodies
    places: Positions  # batch and row
    live: npt.NDArray[np.bool_]
    created: npt.NDArray[np.int64]


def _parts(batch: Batch, place: int, since: int | None, wanted: pa.Array | None) -> Iterator[_Part]:
    """Yield the relevant row groups of a batch; others are skipped, as bodies are large."""
    with batch.open() as file:
        chosen = None if wanted is None else _chosen(file, wanted)
        for index in range(file.num_row_groups):
            group = file.metadata.row_group(index)
            places = np.arange(place, place + group.num_rows)
            place += group.num_rows
            if since is not None and not _may_hold(file, index, since):
                continue
            if chosen is None:
                yield from _whole(file, index, places)
            elif (rows := chosen[places % _ROWS_IN_A_BATCH]).any():
                table = file.read_row_group(index, _COLUMNS).filter(
                    pa.array(rows.tolist(), pa.bool_())
                )
                yield _part(table.combine_chunks(), places[rows])


def _whole(file: pq.ParquetFile, index: int, places: Positions) -> Iterator[_Part]:
    start = 0
    for rows in file.iter_batches(_ROWS_AT_A_TIME, row_groups=[index], columns=_COLUMNS):
        yield _part(rows, places[start : start + rows.num_rows])
        start += rows.num_rows


def _chosen(file: pq.ParquetFile, wanted: pa.Array) -> npt.NDArray[np.bool_]:
    """Return for each row of a file whether its id is wanted."""
    found = pc.is_in(file.read(["id"])["id"], value_set=wanted)
    mask: npt.NDArray[np.bool_] = found.to_numpy()
    return mask


def _part(rows: pa.RecordBatch | pa.Table, places: Positions) -> _Part:
    return _Part(
        _hashed(rows["id"].cast(pa.binary()).to_pylist()),
        _hashed(rows["body"].cast(pa.binary()).to_pylist()),
        places,
        ~rows["is_deleted"].to_numpy(zero_copy_only=False),
        rows["created"].fill_null(_NO_TIME).to_numpy(zero_copy_only=False),
    )


def _may_hold(file: pq.ParquetFile, index: int, since: int) -> bool:
    """Tell from its statistics whether a row group may hold objects created at or after `since`."""
    metadata = file.metadata
    column = metadata.row_group(index).column(metadata.schema.names.index("created"))
    found = column.statistics
    return found is None or not found.has_min_max or bool(found.null_count) or found.max >= since


def _hashed(texts: Sequence[bytes]) -> Hashes:
    """Hash each to 64 bits; the odds of a collision among ten million are one in 300,000.

    Python's own hash of bytes is SipHash with a key of this process: fast, and unforgeable.
    """
    return np.fromiter(map(hash, texts), np.int64, len(texts))


def _joined(arrays: Sequence[npt.NDArray[Any]], kind: Any) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=kind)
