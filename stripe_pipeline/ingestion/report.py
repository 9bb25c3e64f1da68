"""The report of a sync, and the protocol for its progress."""

from dataclasses import dataclass, field
from typing import Protocol

from stripe_pipeline.ingestion.quota.budget import Budget


@dataclass
class ResourceReport:
    """The number of objects read of one resource, and of rows written for it.

    `added` are objects that the lake hadn't had, `changed` those of which it had another version,
    `deleted` those that are gone from Stripe; unchanged objects are in none of them.
    `refusal` says why it may not be read, and what to do; empty where it may.
    `how` is full (everything was read), changes (only what changed) or skipped.
    `read_since` is when its full read began (Unix seconds), in an earlier sync where that was
    interrupted; None without one. `quarantined` objects can't be used, whenever they were read.
    `throttled_seconds` is how long its requests waited for a rate limit, summed over concurrent
    ones. `verified_at` is the instant (Unix seconds, this machine's clock) up to which all changes
    of the resource are in the lake; None if this sync didn't find out.
    """

    name: str
    permission: str
    how: str = "skipped"
    is_readable: bool = True
    refusal: str = ""
    read: int = 0
    added: int = 0
    changed: int = 0
    deleted: int = 0
    requests: int = 0
    seconds: float = 0.0
    throttled_seconds: float = 0.0
    read_since: int | None = None
    verified_at: float | None = None
    quarantined: int = 0

    @property
    def missing_permission(self) -> str | None:
        """The Read permission that the key lacks, or None."""
        return None if self.is_readable else self.permission


@dataclass
class SyncReport:
    """The report of a sync: one per resource, in the catalog's order, with the warnings."""

    mode: str
    resources: list[ResourceReport]
    warnings: list[str] = field(default_factory=list)
    announcements: list[str] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0
    budget: Budget | None = None

    def __getitem__(self, name: str) -> ResourceReport:
        return next(report for report in self.resources if report.name == name)

    @property
    def rows(self) -> int:
        """The number of rows written."""
        return sum(each.added + each.changed + each.deleted for each in self.resources)


class Progress(Protocol):
    """A listener for the progress of a sync; called from the sync's own thread."""

    def announce(self, message: str) -> None:
        """Receive a message worth a line: what is read, and why."""

    def advance(self, resource: str, read: int, requests: int, share: float | None = None) -> None:
        """Receive the objects read of a resource and the requests in all, so far.

        `share` is the part of the resource read, 1.0 when it is complete; None if unknown.
        """

    def finish(self) -> None:
        """Receive the end of the sync."""


class Silence:
    """A listener that ignores everything."""

    def announce(self, message: str) -> None:
        """Say nothing."""

    def advance(self, resource: str, read: int, requests: int, share: float | None = None) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""
