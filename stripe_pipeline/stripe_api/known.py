"""What the lake holds already, in about 70 bytes an object.

It answers two questions about a resource that is read again: has this object changed, and which
objects should have been listed and weren't.
"""

from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stripe_pipeline.lake import Batch, Lake, ObjectRow
from stripe_pipeline.stripe_api.windows import Window

_COLUMNS = ["id", "created", "is_deleted", "body"]
_ROWS_AT_A_TIME = 2_000
_NO_TIME = np.iinfo(np.int64).min

Hashes = npt.NDArray[np.uint64]


class Known:
    """The current version of each object of a table, by digest."""

    def __init__(
        self, ids: pa.StringArray, created: npt.NDArray[np.int64], live: Any, digests: Hashes
    ) -> None:
        """Take the versions in the order of writing, of which the last of an id holds."""
        hashes = _hashes(ids.to_pylist())
        newest_first = np.argsort(hashes[::-1], kind="stable")
        order = (len(hashes) - 1) - newest_first
        self._hashes, first = np.unique(hashes[order], return_index=True)
        keep = order[first]
        self._ids = ids.take(pa.array(keep, pa.int64()))
        self._created = created[keep]
        self._live = live[keep]
        self._digests = digests[keep]
        self._seen = np.zeros(len(keep), dtype=bool)
        self._by_time = np.argsort(self._created, kind="stable")
        self._times = self._created[self._by_time]

    @classmethod
    def load(
        cls,
        lake: Lake,
        table: str,
        since: int | None = None,
        only: Collection[str] | None = None,
    ) -> Self:
        """Read a table.

        `since` leaves out batches that hold only objects created before it, and `only` every
        object with another id.
        """
        wanted = None if only is None else pa.array(only, pa.string())
        parts = [
            part
            for batch in lake.batches(table)
            if since is None or _may_hold(batch, since)
            for part in _parts(batch, wanted)
        ]
        if not parts:
            return cls.nothing()
        ids = pa.concat_arrays([part[0] for part in parts])
        return cls(ids, *(np.concatenate([part[i] for part in parts]) for i in (1, 2, 3)))

    @classmethod
    def nothing(cls) -> Self:
        """Know nothing: every object is new."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(pa.array([], pa.string()), empty, empty.astype(bool), _digests([]))

    def __len__(self) -> int:
        return len(self._hashes)

    @property
    def newest(self) -> int | None:
        """The greatest creation time, or None."""
        newest = int(self._times[-1]) if len(self) else _NO_TIME
        return None if newest == _NO_TIME else newest

    def __contains__(self, identifier: str) -> bool:
        return self._position(identifier) is not None

    def is_live(self, identifier: str) -> bool:
        """Tell whether the object is there and not deleted."""
        position = self._position(identifier)
        return position is not None and bool(self._live[position])

    def live_ids(self) -> pa.StringArray:
        """Return the ids of all objects that aren't deleted."""
        return self._ids.filter(pa.array(self._live))

    def is_current(self, row: ObjectRow) -> bool:
        """Tell whether the lake's newest version of the object is this very body."""
        position = self._position(row.id)
        if position is None:
            return False
        return bool((self._digests[position] == _digests([row.body])[0]).all())

    def mark_seen(self, identifiers: Sequence[str]) -> None:
        """Note that these were listed."""
        for position in map(self._position, identifiers if len(self) else ()):
            if position is not None:
                self._seen[position] = True

    def unseen(self, windows: Sequence[Window]) -> list[str]:
        """Return the live objects created within the windows that were not listed."""
        if not len(self):
            return []
        missing = [index for window in windows for index in self._inside(window)]
        return self._ids.take(pa.array(missing, pa.int64())).to_pylist()

    def _inside(self, window: Window) -> list[int]:
        after = _NO_TIME if window.after is None else window.after
        start = np.searchsorted(self._times, after, side="right")
        stop = (
            len(self._times)
            if window.upto is None
            else np.searchsorted(self._times, window.upto, "right")
        )
        inside = self._by_time[start:stop]
        return inside[self._live[inside] & ~self._seen[inside]].tolist()

    def _position(self, identifier: str) -> int | None:
        if not len(self):
            return None
        wanted = _hashes([identifier])[0]
        position = int(np.searchsorted(self._hashes, wanted))
        # Two ids with one hash: the second is unknown, which costs a row and loses nothing.
        if position == len(self._hashes) or self._ids[position].as_py() != identifier:
            return None
        return position


def _parts(batch: Batch, wanted: pa.Array | None) -> Iterator[tuple[Any, Any, Any, Any]]:
    with batch.open() as file:
        if wanted is not None and not _has_any(file, wanted):
            return
        for part in file.iter_batches(_ROWS_AT_A_TIME, columns=_COLUMNS):
            if wanted is not None:
                part = part.filter(pc.is_in(part["id"], value_set=wanted))
            created = part["created"].fill_null(_NO_TIME).to_numpy(zero_copy_only=False)
            live = ~part["is_deleted"].to_numpy(zero_copy_only=False)
            bodies = part["body"].cast(pa.binary()).to_pylist()
            yield part["id"], created, live, _digests(bodies)


def _has_any(file: pq.ParquetFile, wanted: pa.Array) -> bool:
    return bool(pc.any(pc.is_in(file.read(["id"])["id"], value_set=wanted)).as_py())


def _may_hold(batch: Batch, since: int) -> bool:
    """Tell from the file's statistics whether it may hold objects created at or after `since`."""
    with batch.open() as file:
        metadata = file.metadata
    column = metadata.schema.names.index("created")
    groups = [
        metadata.row_group(i).column(column).statistics for i in range(metadata.num_row_groups)
    ]
    return any(
        group is None or not group.has_min_max or group.null_count or group.max >= since
        for group in groups
    )


def _hashes(identifiers: Sequence[str]) -> Hashes:
    joined = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in identifiers)
    return np.frombuffer(joined, dtype=np.uint64)


def _digests(bodies: Sequence[bytes]) -> Hashes:
    joined = b"".join(blake2b(body, digest_size=16).digest() for body in bodies)
    return np.frombuffer(joined, dtype=np.uint64).reshape(-1, 2)
