"""Take deliveries into the lake: their objects are read again, then the events themselves are kept.

An event that was delivered goes into the lake when everything that it tells of is there, and its
segment is removed after that. So a sync that is killed in between begins again with the same
segments, and an event that the lake has is done with, whether it was listed or delivered.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from stripe_pipeline.durable import sync_folder
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.mirror.cursors import Changes, newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.reading import Reading
from stripe_pipeline.ingestion.updates.following import EVENTS, OVERLAP, Followed
from stripe_pipeline.ingestion.updates.notices import read_notice, subjects, unusable_subjects
from stripe_pipeline.ingestion.webhooks.spool import Record, read, rewrite, seal
from stripe_pipeline.lake import Lake
from stripe_pipeline.privacy.forgotten import Forgotten
from stripe_pipeline.privacy.kept_fields import cleaned
from stripe_pipeline.stripe_client.catalog import Resource
from stripe_pipeline.stripe_client.lists.heads import EventHead
from stripe_pipeline.stripe_client.lists.pages import read_one, row
from stripe_pipeline.stripe_client.lists.unusable import UNDECODABLE, Unusable
from stripe_pipeline.values.objects import ObjectRow

_HEAD = msgspec.json.Decoder(EventHead)
# So many ids the note of what is done with may have; it is in every batch of events.
_NOTED = 5_000


def take_deliveries(reading: Reading, is_of_everything: bool) -> "Deliveries":
    """Take what was delivered, before anything is read that might be older than it.

    A sync that leaves resources out leaves all deliveries to one that doesn't.
    """
    if reading.spool is None or not is_of_everything:
        return Deliveries([], reading.key.livemode)
    taken = Deliveries.take(reading.spool, reading.lake, reading.key.livemode)
    if taken.new:
        reading.announce(f"Reads again what {len(taken.new):,} webhook deliveries tell of.")
    return taken


class _Told(NamedTuple):
    """What a delivered event says: when it was made, whether of a new object, and of which."""

    created: int
    is_creation: bool
    subjects: tuple[tuple[str, str], ...]


@dataclass
class Deliveries:
    """What was received until a sync began, and isn't in the lake yet."""

    segments: list[Path]
    livemode: bool
    new: dict[str, _Told] = field(default_factory=dict)  # by event id
    unusable: int = 0
    odd: list[Unusable] = field(default_factory=list)

    @classmethod
    def take(cls, folder: Path, lake: Lake, livemode: bool) -> "Deliveries":
        """Close what was received, and find out what of it the lake lacks."""
        taken = cls(seal(folder), livemode)
        for event in taken._events():
            taken.new[event.id] = _told(event)
        for event_id in taken._in_lake(lake):
            del taken.new[event_id]
        return taken

    def named(self, resource: Resource) -> set[str]:
        """Return the ids of the objects of a resource that are to be read again."""
        told = [each for event in self.new.values() for each in event.subjects]
        told += [each for event in self.odd for each in unusable_subjects(event)]
        return {identifier for name, identifier in told if name == resource.name}

    def note(self, followed: Followed, resources: Collection[str]) -> None:
        """Have the objects of these resources read again, however old the event is.

        That a resource was read since says nothing: Stripe's time of a test clock's event is the
        test clock's, and to read again what is current costs one request.
        """
        for event, told in self.new.items():
            followed.events.setdefault(event, told.created)
            for name, identifier in told.subjects:
                if name in resources and identifier not in followed.changed[name]:
                    followed.changed[name].add(identifier)
                    followed.created[name] += told.is_creation
        followed.note_unusable(self.odd, resources)

    async def keep(self, reading: Reading, changes: Changes | None = None) -> None:
        """Append the events that the lake lacks; everything that they tell of is in it by now.

        `changes` gets a note of them, so that they are no news when they are listed.

        Raises:
            PipelineError: the lake can't be written.
        """
        if self.unusable:
            reading.warn(
                f"{self.unusable:,} webhook deliveries were dropped, because they are not events "
                f"of a {reading.key.mode} account."
            )
        if self.odd:
            reading.quarantine(EVENTS, self.odd)
        if not self.new:
            return
        if reading.report(EVENTS).how == "skipped":
            reading.report(EVENTS).how = "changes"
        lacking = set(self.new) - self._in_lake(reading.lake)
        cursor = newest_cursor(reading.lake, EVENTS.name, reading.key)
        writer = reading.writer(cursor, Known.nothing(), EVENTS)
        for event in self._events():
            if event.id in lacking:
                lacking.remove(event.id)
                await writer.add([event])
        await writer.flush(**({"changes": self._noted(changes)} if changes else {}))

    def remove(self) -> None:
        """Forget what is in the lake."""
        for segment in self.segments:
            segment.unlink(missing_ok=True)
        for folder in {segment.parent for segment in self.segments}:
            sync_folder(folder)

    def _in_lake(self, lake: Lake) -> set[str]:
        if not self.new:
            return set()
        since = min(told.created for told in self.new.values())
        known = Known.load(lake, EVENTS.name, since, list(self.new))
        return {each for each in self.new if each in known}

    def _noted(self, changes: Changes) -> Changes:
        """Add those that the next listing will show to what is done with."""
        listed_from = changes.since - OVERLAP
        shown = [event for event, told in self.new.items() if told.created >= listed_from]
        recent = sorted({*changes.recent, *shown})
        if len(recent) > _NOTED:
            return changes
        return msgspec.structs.replace(changes, recent=recent)

    def _events(self) -> Iterator[ObjectRow]:
        """Read the segments; there may be more in them than there is memory."""
        self.unusable, self.odd = 0, []
        for segment in self.segments:
            for record in read(segment):
                event = _event(record, self.livemode)
                if event is None:
                    self.unusable += 1
                elif isinstance(event, Unusable):
                    self.odd.append(event)
                else:
                    yield event


def erase_from_spool(folder: Path, theirs: Forgotten) -> int:
    """Clean what was delivered about erased customers; return in how many segments that was.

    The caller holds the lake's lock, so that no sync is reading them.

    Raises:
        OSError: a segment can't be written.
    """

    def change(body: bytes) -> bytes:
        try:
            customer_id = _HEAD.decode(body).customer_id
        except UNDECODABLE:
            return b""  # no event, whatever it holds: the next sync says so, and drops it
        return cleaned("events", body) if theirs.is_theirs("events", customer_id, body) else body

    return sum(rewrite(segment, change) for segment in seal(folder))


def _event(record: Record, livemode: bool) -> ObjectRow | Unusable | None:
    """Build an event's row as if it had been listed; None where no list of this key's has it."""
    try:
        item = read_one(record.body, EVENTS, livemode)
    except PipelineError:
        return None
    if isinstance(item, Unusable):
        return item if item.identifier else None
    return row(item, datetime.fromtimestamp(record.received_at, UTC))


def _told(event: ObjectRow) -> _Told:
    notice = read_notice(event.body)
    return _Told(event.created or 0, notice.is_creation, tuple(subjects(notice)))
