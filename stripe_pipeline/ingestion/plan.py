"""Decide for each resource how it is read: in full, or what changed since the last sync.

Events are listed first, so that every later read includes their changes; how far they were
followed is committed last, when their changes are in the lake.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from stripe_pipeline.ingestion.backfill import DAY, RESUME_WITHIN, can_go_on
from stripe_pipeline.ingestion.mirror import access
from stripe_pipeline.ingestion.mirror.cursors import Changes, Cursor, newest_cursor
from stripe_pipeline.ingestion.updates.following import EVENTS, Start, start_of
from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_client.catalog import API_VERSION, RESOURCES
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.stripe_client.resources import Resource

# Stripe keeps events for 30 days, less a margin of one day.
EVENTS_REACH_BACK = 29 * DAY


@dataclass
class Plan:
    """How each wanted resource is read.

    `fresh` get a full read, each with the reason; `resumed` continue an interrupted pass;
    `starts` is where the others, and the resumed, start to follow the events.
    A poll is a scheduled sync, which saves requests where nothing happened.
    """

    wanted: list[Resource]
    now: int
    changes: Changes | None
    is_poll: bool = False
    clock_was_ahead: bool = False
    fresh: dict[str, str] = field(default_factory=dict)
    resumed: set[str] = field(default_factory=set)
    starts: dict[str, Start] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)  # resources whose newest have been listed
    resume_within: int = RESUME_WITHIN  # how long ago an interrupted pass may have begun

    @property
    def is_of_everything(self) -> bool:
        """Whether no resource was left out, so that the position in the events may be committed."""
        return len(self.wanted) == len(RESOURCES)

    def lists_new(self, resource: Resource, changed: Collection[str]) -> bool:
        """Tell whether the newest objects are listed even without an event of one.

        `changed` are the resources that events report as changed.
        """
        new = resource.unannounced
        if new is None:
            return False
        last = self.changes.listed.get(resource.name, 0) if self.changes else 0
        is_due = not 0 <= self.now - last < new.every
        return (
            not self.is_poll or is_due or not {resource.name, *new.along_with}.isdisjoint(changed)
        )

    def read_all(self, resource: Resource, reason: str) -> None:
        """Switch a resource to a full read."""
        self.fresh[resource.name] = reason
        self.starts.pop(resource.name, None)

    def announcements(self) -> list[str]:
        """Return one sentence per reason for full reads that the user didn't ask for."""
        reasons = dict.fromkeys(reason for reason in self.fresh.values() if reason)
        return [self._announcement(reason) for reason in reasons]

    def _announcement(self, reason: str) -> str:
        labels = [each.label for each in self.wanted if self.fresh.get(each.name) == reason]
        return f"Read whole instead of only what changed, because {reason}: {', '.join(labels)}."

    def passes(self) -> list[Resource]:
        """Return the resources with a full read, new or resumed."""
        return [each for each in self.wanted if each.name in self.fresh.keys() | self.resumed]


def make_plan(
    lake: Lake, key: Key, wanted: list[Resource], full: bool, now: int, is_poll: bool = False
) -> Plan:
    """Build the plan of a sync from the state in the lake; `full` asks for full reads."""
    changes = newest_cursor(lake, EVENTS.name, key).changes
    was_ahead = changes is not None and _lies_ahead(changes.listed_at, now)
    if changes and not _events_reach(changes.listed_at, now):
        changes = None
    plan = Plan(wanted, now, changes, is_poll, was_ahead)
    readable = access.readable(lake)
    for resource in wanted:
        cursor = newest_cursor(lake, resource.name, key)
        reason = _reason_to_read_all(resource, cursor, plan, full, readable)
        _place(plan, resource, cursor, reason)
    return plan


def _place(plan: Plan, resource: Resource, cursor: Cursor, reason: str | None) -> None:
    unfinished = cursor.unfinished
    if unfinished and can_go_on(unfinished, plan.now):
        plan.resumed.add(resource.name)
        plan.starts[resource.name] = Start(unfinished.events_from)
    elif reason is not None:
        plan.fresh[resource.name] = reason
    elif plan.changes and resource.name in plan.changes.resources:
        plan.starts[resource.name] = start_of(plan.changes)
    elif cursor.complete:
        plan.starts[resource.name] = Start(cursor.complete.events_from)


def _reason_to_read_all(
    resource: Resource, cursor: Cursor, plan: Plan, full: bool, readable: Mapping[str, bool]
) -> str | None:
    """Return why a resource gets a full read, "" if that is expected, None if it gets none."""
    complete = cursor.complete
    if complete is None and cursor.is_damaged:
        return "a damaged file of theirs in the lake was quarantined"
    if complete is None:
        if plan.changes is None:
            return ""
        is_known = resource.name in readable
        return "the key may read them now" if is_known else "they weren't read before"
    if not readable.get(resource.name, True):
        return "the key may read them now"
    if complete.api_version != API_VERSION:
        return f"the version of Stripe's API moved from {complete.api_version} to {API_VERSION}"
    is_followed = plan.changes is not None and resource.name in plan.changes.resources
    if not is_followed and not _events_reach(complete.started_at, plan.now):
        if plan.clock_was_ahead or _lies_ahead(complete.started_at, plan.now):
            return "this machine's clock was set back, and so the last sync may be long ago"
        return "the last sync is longer ago than Stripe keeps events"
    if full and resource is not EVENTS:
        return ""
    return None


def _events_reach(instant: int, now: int) -> bool:
    """Tell whether Stripe still has all events since an instant by this machine's clock."""
    return not _lies_ahead(instant, now) and now - instant <= EVENTS_REACH_BACK


def _lies_ahead(instant: int, now: int) -> bool:
    """Tell whether an instant is more than a day in the future: the clock was or is wrong."""
    return instant - now > DAY
