"""The differences between a complete listing and the lake, classified by kind."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.reconciliation.essentials import (
    VANISH_UNANNOUNCED,
    Digests,
    digests,
)
from stripe_pipeline.ingestion.updates.following import OVERLAP
from stripe_pipeline.lake import Batch
from stripe_pipeline.values.objects import ObjectRow

EXAMPLES = 5
_ROWS_AT_A_TIME = 2_000
# The kinds of drift, which the sync should have noticed; it couldn't or needn't notice the others.
MISSING, STALE, SURPLUS = DRIFT = ("missing", "stale", "surplus")
COSMETIC, CHANGED = "cosmetic", "changed"


@dataclass(frozen=True)
class Found:
    """One object that differs: the kind, its creation time, when it was read, and its digests."""

    kind: str
    created: int | None
    read_at: float
    now: Digests | None

    @property
    def may_get_an_event(self) -> bool:
        """Whether an event may still arrive for it; a missing object that is old has none due."""
        is_old = self.created is not None and self.created < self.read_at - OVERLAP
        return self.kind in (STALE, SURPLUS) or (self.kind == MISSING and not is_old)


@dataclass
class Differences:
    """The objects of one resource that differ, as they are found.

    `batches` are those of the lake before the listing began, and `unsure_from` is the creation
    time from which new objects may not have been listed yet. Where they are announced by events,
    that matters only to a key that can't read events.
    """

    resource: str
    batches: list[Batch]
    unsure_from: int
    is_announced: bool
    found: dict[str, Found] = field(default_factory=dict)
    unsure: int = 0  # how many may be drift or a change since the last sync

    def note(self, row: ObjectRow, known: Known) -> None:
        """Add a row that differs from the lake's newest version of the object."""
        was_live = known.is_live(row.id)
        if row.is_deleted and not was_live:
            return
        kind = SURPLUS if row.is_deleted else STALE if was_live else MISSING
        now = digests(self.resource, row.body) if kind == STALE else None
        self.found[row.id] = Found(kind, row.created, row.observed_at.timestamp(), now)

    def settle(self) -> None:
        """Compare with the lake's versions: a difference may be cosmetic or have no event."""
        wanted = [each for each, found in self.found.items() if found.kind == STALE]
        before = {
            identifier: digests(self.resource, body)
            for identifier, body in _versions(self.batches, wanted)
        }
        for identifier, was in before.items():
            now = self.found[identifier].now
            if now and now.whole == was.whole:
                self._call(identifier, COSMETIC)
            elif now and was.may_become(self.resource, now):
                self._call(identifier, CHANGED)
        if self.resource in VANISH_UNANNOUNCED:
            self.explain([each for each, found in self.found.items() if found.kind == SURPLUS])

    def explain(self, changed: Collection[str]) -> None:
        """Reclassify drift as changed where it is among `changed` or too new to be listed yet."""
        for identifier, found in self.found.items():
            is_named = identifier in changed
            if found.kind in DRIFT and (is_named or self._may_be_new(found)):
                self._call(identifier, CHANGED)

    def explain_without_events(self) -> None:
        """Reclassify all that may have changed: only an old object that is missing stays drift."""
        self.is_announced = False
        unsure = [each for each, found in self.found.items() if found.kind in (STALE, SURPLUS)]
        self.unsure += len(unsure)
        self.explain(unsure)

    def unsettled_at(self) -> float:
        """Return when the newest difference that may still get an event was read; 0 for none."""
        times = [found.read_at for found in self.found.values() if found.may_get_an_event]
        return max(times, default=0.0)

    def counts(self) -> Counter[str]:
        """Count the objects by kind."""
        return Counter(found.kind for found in self.found.values())

    def examples(self) -> list[str]:
        """Return kind and id of a few drifted objects; ids aren't personal data."""
        drifted = [f"{found.kind} {each}" for each, found in self.found.items()
                   if found.kind in DRIFT]  # fmt: skip
        return sorted(drifted)[:EXAMPLES]

    def _may_be_new(self, found: Found) -> bool:
        if self.is_announced or found.kind != MISSING or found.created is None:
            return False
        return found.created >= self.unsure_from

    def _call(self, identifier: str, kind: str) -> None:
        found = self.found[identifier]
        self.found[identifier] = Found(kind, found.created, found.read_at, found.now)


def _versions(batches: list[Batch], wanted: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield (id, body) of the versions of a few objects, oldest first."""
    if not wanted:
        return
    ids = pa.array(wanted, pa.string())
    for batch in batches:
        with batch.open() as file:
            for rows in file.iter_batches(_ROWS_AT_A_TIME, columns=["id", "body"]):
                chosen = rows.filter(pc.is_in(rows["id"], value_set=ids))
                bodies = chosen["body"].cast(pa.binary()).to_pylist()
                yield from zip(chosen["id"].to_pylist(), bodies, strict=True)
