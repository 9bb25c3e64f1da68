"""List the events since the last sync, and note which objects they say have changed."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from stripe_pipeline.ingestion.mirror.cursors import Changes, newest_cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.reading import Reading
from stripe_pipeline.ingestion.updates.notices import read_notice, subjects, unusable_subjects
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.lists.shards import Shards
from stripe_pipeline.stripe_client.lists.unusable import Unusable
from stripe_pipeline.stripe_client.lists.windows import Window
from stripe_pipeline.values.objects import ObjectRow

# Events may be listed a little after the second that they bear: about a minute, as others found.
# So each listing begins this long before the newest event that was seen, which stays that far
# behind now and costs no delay; those that were taken in already are known by their ids.
OVERLAP = 600
EVENTS = BY_NAME["events"]


@dataclass(frozen=True)
class Start:
    """From where a resource follows the events: which of them it has in it already."""

    since: int
    recent: frozenset[str] | None = None  # None: a pass began there, after all that came before

    @property
    def listed_from(self) -> int:
        """The creation time from which events may be new to the resource."""
        return self.since if self.recent is None else self.since - OVERLAP

    def has(self, event: ObjectRow) -> bool:
        """Tell whether the resource was read after the event happened."""
        return (event.created or 0) < self.listed_from or event.id in (self.recent or ())


@dataclass
class Followed:
    """What the events say: ids to read again, and how many objects are new, by resource."""

    changed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    created: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    events: dict[str, int] = field(default_factory=dict)  # creation time by id

    def until(self, before: int, now: int) -> int:
        """Return up to when the events were followed, by Stripe's clock.

        The newest event tells that clock. Those of a test clock may lie in the future; `now`
        keeps them from hiding what happens until then.
        """
        return min(max([before, *self.events.values()]), max(before, now))

    def recent(self, until: int) -> list[str]:
        """Return the events that would be listed again by following on from there."""
        return sorted(each for each, at in self.events.items() if at >= until - OVERLAP)

    def note(self, rows: Sequence[ObjectRow], starts: Mapping[str, Start]) -> None:
        """Take events in."""
        for row in rows:
            self.events[row.id] = row.created or 0
            notice = read_notice(row.body)
            for name, identifier in subjects(notice):
                if name in starts and not starts[name].has(row):
                    self.changed[name].add(identifier)
                    self.created[name] += notice.is_creation

    def note_unusable(self, events: Sequence[Unusable], resources: Collection[str]) -> None:
        """Have read again what events are about that can't be used themselves."""
        for event in events:
            for name, identifier in unusable_subjects(event):
                if name in resources:
                    self.changed[name].add(identifier)


async def follow(reading: Reading, starts: Mapping[str, Start], keep: bool) -> Followed:
    """List what happened since each resource's start; `keep` writes the events to the lake.

    Without any start, one page tells where the events are now.

    Raises:
        stripe.PermissionError: the key may not read events.
    """
    followed = Followed()
    if not starts:
        newest = (await reading.reader.page(EVENTS)).rows
        reading.account.show(EVENTS.name, newest)
        followed.note(newest, starts)
        return followed
    since = min(start.listed_from for start in starts.values())
    reading.report(EVENTS).how = "changes"
    known = Known.load(reading.lake, EVENTS.name, since)
    cursor = newest_cursor(reading.lake, EVENTS.name, reading.key)
    writer = reading.writer(cursor, known, EVENTS)

    async def handle(rows: Sequence[ObjectRow], covers: Sequence[Window]) -> None:
        followed.note(rows, starts)
        reading.account.meet(EVENTS.name, [row for row in rows if row.id in known])
        if len(followed.events) > len(rows) and not reading.account.is_confirmed:
            await reading.account.confirm()  # before a page that is kept may be written
        if keep:
            # An event never changes; what does is the count of webhooks that are still to go.
            await writer.add([row for row in rows if row.id not in known])
        reading.advance(EVENTS)

    await Shards(reading.reader, EVENTS, handle).read([created_from(since)])
    # The newest event that was seen is listed again, unless it has aged out, or is another's.
    if not reading.account.is_confirmed:
        await reading.account.confirm()
    await writer.flush()
    followed.note_unusable(reading.unusable.get(EVENTS.name, ()), starts)
    return followed


def created_from(since: int) -> Window:
    """Return the window of what was created at `since` or later; there is no time below 0."""
    return Window(since - 1 if since > 0 else None, None)


def start_of(changes: Changes) -> Start:
    """Return where the last sync stopped following."""
    return Start(changes.since, frozenset(changes.recent))
