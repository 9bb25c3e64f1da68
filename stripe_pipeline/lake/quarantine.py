"""The log of unusable objects: kept unchanged, counted nowhere, reported by a check.

An object is in it until a usable version of it is read, or a full read no longer finds it. Finding
the same body again changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from stripe_pipeline.lake.batches import Lake
from stripe_pipeline.lake.tables import entries

TABLE = "quarantine"
_WITHOUT_BODY = ["resource", "key", "object_id", "after_id", "reason", "digest", "is_open"]


@dataclass(frozen=True)
class Quarantined:
    """One object in quarantine, without its body.

    `key` is its id, or a digest of its body where it has none; `after_id` is the id of the object
    before it in Stripe's list.
    """

    resource: str
    key: str
    object_id: str | None
    after_id: str | None
    reason: str
    digest: str

    @property
    def place(self) -> tuple[str, str]:
        """The resource and the key; the log's newest row for them counts."""
        return self.resource, self.key

    def is_same_as(self, other: "Quarantined | None") -> bool:
        """Return whether the body and the reason are the same; `after_id` may differ."""
        return other is not None and (self.digest, self.reason) == (other.digest, other.reason)


class Quarantine:
    """The log, for the one process that holds the lake's write lock."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._open = {each.place: each for each in in_quarantine(lake)}
        self._met: set[tuple[str, str]] = set()

    def __len__(self) -> int:
        return len(self._open)

    def count(self, resource: str) -> int:
        """Return how many objects of a resource are in quarantine."""
        return sum(each == resource for each, _ in self._open)

    def left(self, resource: str) -> list[str]:
        """Return the ids of a resource's quarantined objects that this sync hasn't found."""
        return [
            each.object_id
            for place, each in self._open.items()
            if place[0] == resource and each.object_id and place not in self._met
        ]

    def holds(self, resource: str, identifier: str) -> bool:
        """Return whether the object of that id is in quarantine."""
        return (resource, identifier) in self._open

    def lacks(self, entry: Quarantined) -> bool:
        """Return whether adding an entry would record something new."""
        return not entry.is_same_as(self._open.get(entry.place)) and not self._of_same_body(entry)

    def add(self, found: Iterable[tuple[Quarantined, bytes | None]]) -> None:
        """Record objects, each with its body or None where that mustn't be kept.

        Raises:
            PipelineError: the lake can't be written.
        """
        rows = []
        for each, body in found:
            beside = self._of_same_body(each)
            if beside and not each.object_id:
                self._met.add(beside.place)
                continue
            if beside:  # first found without its id, now requested by it
                self._release([beside.place])
            self._met.add(each.place)
            if not each.is_same_as(self._open.get(each.place)):
                self._open[each.place] = each
                rows.append(_row(each, body, is_open=True))
        self._append(rows)

    def _of_same_body(self, wanted: Quarantined) -> Quarantined | None:
        """Find the entry of the same object where one of the two was found without its id."""
        digest = (wanted.resource, wanted.digest)
        alike = (each for each in self._open.values() if (each.resource, each.digest) == digest)
        return next(
            (each for each in alike if bool(each.object_id) != bool(wanted.object_id)), None
        )

    def release(self, resource: str, identifiers: Iterable[str]) -> None:
        """Record that usable versions of objects were read."""
        self._release([(resource, each) for each in identifiers])

    def begin_pass(self, resource: str) -> None:
        """Start recording which objects of a resource are found."""
        self._met = {place for place in self._met if place[0] != resource}

    def end_pass(self, resource: str) -> None:
        """Release the objects that a full read no longer found."""
        self._release(
            [each for each in self._open if each[0] == resource and each not in self._met]
        )

    def _release(self, places: Iterable[tuple[str, str]]) -> None:
        left = [self._open.pop(place) for place in places if place in self._open]
        self._append([_row(each, None, is_open=False) for each in left])

    def _append(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._lake.append(TABLE, entries(TABLE, rows), cursor={})


def quarantined(
    resource: str, identifier: str | None, after: str | None, reason: str, body: bytes
) -> Quarantined:
    """Build the log's entry of an object."""
    digest = sha256(body).hexdigest()
    return Quarantined(
        resource, identifier or f"sha256:{digest}", identifier, after, reason, digest
    )


def in_quarantine(lake: Lake) -> list[Quarantined]:
    """Return the objects in quarantine, in the order in which they were recorded."""
    newest: dict[tuple[str, str], Quarantined | None] = {}
    for row in _rows(lake):
        is_open = row.pop("is_open")
        newest[row["resource"], row["key"]] = Quarantined(**row) if is_open else None
    return [each for each in newest.values() if each]


def _rows(lake: Lake) -> Iterator[dict[str, Any]]:
    for part in lake.read(TABLE, _WITHOUT_BODY):
        yield from part.to_pylist()


def _row(each: Quarantined, body: bytes | None, *, is_open: bool) -> dict[str, Any]:
    return vars(each) | {"body": body, "is_open": is_open, "recorded_at": datetime.now(UTC)}
