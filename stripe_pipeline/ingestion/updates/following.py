"""List the events since the last sync, and collect the objects that they report as changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from stripe_pipeline.ingestion.mirror.cursors import Changes, newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.updates.notices import read_notice, subjects, unusable_subjects
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.unusable import Unusable
from stripe_pipeline.stripe_client.lists.windows import Window
from stripe_pipeline.values.objects import ObjectRow

# Events may be listed later than their `created`: by about a minute, as others found. So each
# listing starts this many seconds before the newest event seen, which delays nothing; events
# that were processed already are deduplicated by id.
OVERLAP = 600
EVENTS = BY_NAME["events"]


@dataclass(frozen=True)
class Start:
    """Where a resource starts to follow the events: those before it are already applied."""

    since: int
    recent: frozenset[str] | None = None  # None: a pass began there and includes all before it

    @property
    def listed_from(self) -> int:
        """The creation time from which events may be new to the resource."""
        return self.since if self.recent is None else self.since - OVERLAP

    def has(self, event: ObjectRow) -> bool:
        """Tell whether the event is already applied to the resource."""
        return (event.created or 0) < self.listed_from or event.id in (self.recent or ())


@dataclass
class Followed:
    """What the events report: ids to re-read, and how many objects are new, by resource."""

    changed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    created: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    events: dict[str, int] = field(default_factory=dict)  # creation time by id

    def until(self, before: int, now: int) -> int:
        """Return up to when the events were followed, in Unix seconds of Stripe's clock.

        That is the time of the newest event, capped at `now`: events of a test clock may lie in
        the future and would hide what happens until then.
        """
        return min(max([before, *self.events.values()]), max(before, now))

    def recent(self, until: int) -> list[str]:
        """Return the ids of the events that a listing from `until` would show again."""
        return sorted(each for each, at in self.events.items() if at >= until - OVERLAP)

    def note(self, rows: Sequence[ObjectRow], starts: Mapping[str, Start]) -> None:
        """Add events."""
        for row in rows:
            self.events[row.id] = row.created or 0
            notice = read_notice(row.body)
            for name, identifier in subjects(notice):
                if name in starts and not starts[name].has(row):
                    self.changed[name].add(identifier)
                    self.created[name] += notice.is_creation

    def note_unusable(self, events: Sequence[Unusable], resources: Collection[str]) -> None:
        """Add the objects of events that can't be used themselves."""
        for event in events:
            for name, identifier in unusable_subjects(event):
                if name in resources:
                    self.changed[name].add(identifier)


async def follow(session: Session, starts: Mapping[str, Start], keep: bool) -> Followed:
    """List the events since each resource's start; `keep` writes them to the lake.

    Without any start, reads one page to find the newest event.

    Raises:
        stripe.PermissionError: the key may not read events.
    """
    followed = Followed()
    if not starts:
        newest = (await session.reader.page(EVENTS)).rows
        session.account.show(EVENTS.name, newest)
        followed.note(newest, starts)
        return followed
    since = min(start.listed_from for start in starts.values())
    session.report(EVENTS).how = "changes"
    known = Known.load(session.lake, EVENTS.name, since)
    cursor = newest_cursor(session.lake, EVENTS.name, session.key)
    writer = session.writer(cursor, known, EVENTS)

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        followed.note(rows, starts)
        session.account.meet(EVENTS.name, [row for row in rows if row.id in known])
        if len(followed.events) > len(rows) and not session.account.is_confirmed:
            await session.account.confirm()  # before a page may be written
        if keep:
            # An event never changes, except for its number of pending webhooks.
            await writer.add([row for row in rows if row.id not in known])
        session.advance(EVENTS)

    await Shards(session.reader, EVENTS, handle).read([created_from(since)])
    # The newest event seen is listed again, unless it has expired or the account is another.
    if not session.account.is_confirmed:
        await session.account.confirm()
    await writer.flush()
    followed.note_unusable(session.found.unusable.get(EVENTS.name, ()), starts)
    return followed


def created_from(since: int) -> Window:
    """Return the window of what was created at `since` or later, unbounded for 0."""
    return Window(since - 1 if since > 0 else None, None)


def start_of(changes: Changes) -> Start:
    """Return where the last sync stopped following the events."""
    return Start(changes.since, frozenset(changes.recent))
