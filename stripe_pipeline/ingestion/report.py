"""What a sync did, and how it can be watched."""

from dataclasses import dataclass, field
from typing import Protocol

from stripe_pipeline.ingestion.quota.budget import Budget


@dataclass
class ResourceReport:
    """What was read of one resource, and how many rows of the lake came of it.

    `added` are objects that the lake hadn't had, `changed` those of which it had another version,
    `deleted` those that are gone from Stripe; what was read and is unchanged is in none of them.
    `refusal` says why it may not be read, and what to do; empty where it may.
    `how` is full (everything was read), changes (only what changed) or skipped.
    `quarantined` objects can't be used, whenever they were read.
    `throttled_seconds` is the time that its requests, which may wait side by side, spent waiting
    because of a rate limit. `verified_at` is the instant (Unix seconds, this machine's clock) up to
    which all that happened to the resource is now in the lake; None if this sync didn't find out.
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
    verified_at: float | None = None
    quarantined: int = 0

    @property
    def missing_permission(self) -> str | None:
        """The Read permission that the key lacks, or None."""
        return None if self.is_readable else self.permission


@dataclass
class SyncReport:
    """What a sync did: one report per resource, in the catalog's order, and what to know."""

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
        """Rows that were written."""
        return sum(each.added + each.changed + each.deleted for each in self.resources)


class Progress(Protocol):
    """Hears how a sync gets on; called from the sync's own thread."""

    def announce(self, message: str) -> None:
        """Something worth a line: what is read, and why."""

    def advance(self, resource: str, read: int, requests: int, share: float | None = None) -> None:
        """So many objects of a resource, and so many requests in all, so far.

        `share` is which part of the resource that is, 1.0 when nothing is left; None: unknown.
        """

    def finish(self) -> None:
        """Nothing more comes."""


class Silence:
    """Nobody listens."""

    def announce(self, message: str) -> None:
        """Say nothing."""

    def advance(self, resource: str, read: int, requests: int, share: float | None = None) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""
