"""Apply deliveries to the lake: re-read their objects, then append the events themselves.

A delivered event is appended to the lake once its objects are there, and its segment is removed
after that. So a sync that is killed in between resumes with the same segments. Events are
deduplicated by id: one that the lake has is applied, whether it was listed or delivered.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.durable import sync_folder
from stripe_pipeline.ingestion.mirror.cursors import Changes, newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.updates.following import EVENTS, OVERLAP, Followed
from stripe_pipeline.ingestion.updates.notices import read_notice, subjects, unusable_subjects
from stripe_pipeline.ingestion.webhooks.spool import Record, read, rewrite, seal
from stripe_pipeline.lake import Lake
from stripe_pipeline.privacy.forgotten import Forgotten
from stripe_pipeline.privacy.kept_fields import cleaned
from stripe_pipeline.stripe_client.lists.heads import EventHead
from stripe_pipeline.stripe_client.lists.pages import read_one, row
from stripe_pipeline.stripe_client.lists.unusable import UNDECODABLE, Unusable
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow

_HEAD = msgspec.json.Decoder(EventHead)
# The most ids in the cursor's `recent`, which is written with every batch of events.
_NOTED = 5_000


def take_deliveries(session: Session, spool: Path | None, is_of_everything: bool) -> "Deliveries":
    """Take the deliveries so far; call it before any read, which would else be older than them.

    A sync that leaves resources out takes none and leaves them to a complete one.
    """
    if spool is None or not is_of_everything:
        return Deliveries([], session.key.livemode)
    taken = Deliveries.take(spool, session.lake, session.key.livemode)
    if taken.new:
        session.announce(
            f"Reads again the objects that {len(taken.new):,} webhook deliveries name."
        )
    return taken


class _Told(NamedTuple):
    """A delivered event: its creation time, whether its object is new, and (resource, id)s."""

    created: int
    is_creation: bool
    subjects: tuple[tuple[str, str], ...]


@dataclass
class Deliveries:
    """The deliveries received before a sync began that aren't in the lake yet."""

    segments: list[Path]
    livemode: bool
    new: dict[str, _Told] = field(default_factory=dict)  # by event id
    unusable: int = 0
    odd: list[Unusable] = field(default_factory=list)

    @classmethod
    def take(cls, folder: Path, lake: Lake, livemode: bool) -> "Deliveries":
        """Seal the spool's segments, and find the events that the lake lacks."""
        taken = cls(seal(folder), livemode)
        for event in taken._events():
            taken.new[event.id] = _told(event)
        for event_id in taken._in_lake(lake):
            del taken.new[event_id]
        return taken

    def named(self, resource: Resource) -> set[str]:
        """Return the ids of the objects of a resource to re-read."""
        told = [each for event in self.new.values() for each in event.subjects]
        told += [each for event in self.odd for each in unusable_subjects(event)]
        return {identifier for name, identifier in told if name == resource.name}

    def note(self, followed: Followed, resources: Collection[str]) -> None:
        """Add the objects of these resources to those to re-read, however old the event is.

        An event's age doesn't show that it was applied: one of a test clock has that clock's time.
        Re-reading a current object costs one request.
        """
        for event, told in self.new.items():
            followed.events.setdefault(event, told.created)
            for name, identifier in told.subjects:
                if name in resources and identifier not in followed.changed[name]:
                    followed.changed[name].add(identifier)
                    followed.created[name] += told.is_creation
        followed.note_unusable(self.odd, resources)

    async def keep(self, session: Session, changes: Changes | None = None) -> None:
        """Append the events that the lake lacks; their objects must be in it already.

        Their ids are added to `changes`, so that they are skipped when they are listed.

        Raises:
            PipelineError: the lake can't be written.
        """
        if self.unusable:
            session.warn(
                f"{self.unusable:,} webhook deliveries were dropped, because they are not events "
                f"of a {session.key.mode} account."
            )
        if self.odd:
            session.keep_unusable(EVENTS, self.odd)  # they are signed by the account
        if not self.new:
            return
        if session.report(EVENTS).how == "skipped":
            session.report(EVENTS).how = "changes"
        lacking = set(self.new) - self._in_lake(session.lake)
        cursor = newest_cursor(session.lake, EVENTS.name, session.key)
        writer = session.writer(cursor, Known.nothing(), EVENTS)
        for event in self._events():
            if event.id in lacking:
                lacking.remove(event.id)
                await writer.add([event])
        await writer.flush(**({"changes": self._noted(changes)} if changes else {}))

    def remove(self) -> None:
        """Remove the segments, whose events are in the lake."""
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
        """Add the events that the next listing will show to `recent`, unless they are too many."""
        listed_from = changes.since - OVERLAP
        shown = [event for event, told in self.new.items() if told.created >= listed_from]
        recent = sorted({*changes.recent, *shown})
        if len(recent) > _NOTED:
            return changes
        return msgspec.structs.replace(changes, recent=recent)

    def _events(self) -> Iterator[ObjectRow]:
        """Read the segments lazily, as they may exceed memory."""
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
    """Erase the data of these customers from spooled deliveries; returns the segments rewritten.

    The caller holds the lake's lock, so that no sync is reading the segments.

    Raises:
        OSError: a segment can't be written.
    """

    def change(body: bytes) -> bytes:
        try:
            customer_id = _HEAD.decode(body).customer_id
        except UNDECODABLE:
            return b""  # not an event: the next sync reports and drops it
        return cleaned("events", body) if theirs.is_theirs("events", customer_id, body) else body

    return sum(rewrite(segment, change) for segment in seal(folder))


def _event(record: Record, livemode: bool) -> ObjectRow | Unusable | None:
    """Build an event's row as if it had been listed; None where it isn't an event of this mode."""
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
