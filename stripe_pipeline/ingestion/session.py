"""A session with Stripe: the client, the lake that it reads into, and what it has found."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from stripe_pipeline.ingestion.mirror.account import Account
from stripe_pipeline.ingestion.mirror.cursors import Cursor
from stripe_pipeline.ingestion.mirror.known import Known
from stripe_pipeline.ingestion.mirror.writer import Buffered, Differs, Retrieve, Writer
from stripe_pipeline.ingestion.quota.metering import Meter
from stripe_pipeline.ingestion.report import Progress, ResourceReport
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.lake.quarantine import Quarantine, Quarantined, quarantined
from stripe_pipeline.privacy.forgotten import Forgotten
from stripe_pipeline.privacy.quarantine import names_any
from stripe_pipeline.stripe_client.http.client import Client
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.stripe_client.lists.reader import Reader
from stripe_pipeline.stripe_client.lists.unusable import Unusable
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow

# Objects retrieved concurrently; the limiter bounds the requests in flight.
RETRIEVE_TOGETHER = 50


@dataclass
class Findings:
    """What a session has found so far."""

    warnings: list[str] = field(default_factory=list)
    announcements: list[str] = field(default_factory=list)
    reports: dict[str, ResourceReport] = field(default_factory=dict)
    # Objects that were read and can't be used, by resource.
    unusable: dict[str, list[Unusable]] = field(default_factory=dict)
    # The ids that the events since the last sync named, by resource; None without events.
    named: Mapping[str, Collection[str]] | None = None


@dataclass
class Session:
    """An open client and a lake that is locked for writing, for one sync or comparison."""

    client: Client
    lake: Lake
    progress: Progress
    meter: Meter | None = None  # None where a session around this one counts the requests
    found: Findings = field(default_factory=Findings)

    def __post_init__(self) -> None:
        self._buffered = Buffered()
        # Loading an index takes twice its memory for a while, so one resource is loaded at a time.
        self.loading = asyncio.Lock()
        self.reader = Reader(self.client, self.warn, self.quarantine, self._missing)
        self.account = Account(self.reader, self.lake)
        # Customers whose personal data is erased and mustn't be stored again.
        self.forgotten = Forgotten(load_erasures(self.lake))
        self.quarantined = Quarantine(self.lake)

    @property
    def key(self) -> Key:
        """The API key of the sync."""
        return self.client.key

    def counted_for(self, purpose: str) -> AbstractContextManager[None]:
        """Count the requests of a block for a purpose of reads.py."""
        return nullcontext() if self.meter is None else self.meter.during(purpose)

    def warn(self, message: str) -> None:
        """Add a warning for the user."""
        self.found.warnings.append(message)

    def announce(self, message: str) -> None:
        """Report something unusual that the sync does, and why."""
        self.found.announcements.append(message)
        self.progress.announce(message)

    async def quarantine(self, resource: Resource, found: Sequence[Unusable]) -> None:
        """Put unusable objects that Stripe returned into quarantine, as `keep_unusable` does.

        Like a batch, they wait until it is sure that they are of the lake's account; what is in
        quarantine already doesn't.

        Raises:
            UsageError: they are of another account.
            PipelineError: the lake can't be written.
        """
        if any(self.quarantined.lacks(each) for each in _entries(resource, found)):
            await self.account.confirm_unusable()
        self.keep_unusable(resource, found)

    def keep_unusable(self, resource: Resource, found: Sequence[Unusable]) -> None:
        """Put unusable objects into quarantine, where no figure uses them and a check reports them.

        Raises:
            PipelineError: the lake can't be written.
        """
        gone = self.forgotten.reasons
        self.found.unusable.setdefault(resource.name, []).extend(found)
        self.quarantined.add(
            (entry, None if names_any(each.body, gone) else each.body)
            for entry, each in zip(_entries(resource, found), found, strict=True)
        )

    async def _missing(self, resource: Resource, listed: Sequence[str]) -> None:
        await self.account.ask(resource, listed)

    def report(self, resource: Resource) -> ResourceReport:
        """Return the report of a resource, created on first use."""
        fresh = ResourceReport(resource.name, resource.permission)
        return self.found.reports.setdefault(resource.name, fresh)

    def writer(
        self,
        cursor: Cursor,
        known: Known,
        resource: Resource,
        missing: Retrieve | None = None,
        differs: Differs | None = None,
    ) -> Writer:
        """Build the writer of a resource; `differs` is called for rows that the lake lacks."""
        return Writer(
            self.lake,
            cursor,
            known,
            self.report(resource),
            self._buffered,
            self.forgotten,
            self.quarantined,
            self.account,
            missing,
            differs,
        )

    async def known(self, resource: Resource) -> Known:
        """Load the index of the lake's versions of a resource."""
        async with self.loading:
            return await asyncio.to_thread(Known.load, self.lake, resource.name)

    def advance(self, resource: Resource, share: float | None = None) -> None:
        """Report the progress of a resource; `share` is the part read, None if unknown."""
        self.progress.advance(
            resource.name, self.report(resource).read, self.client.requests.total(), share
        )

    async def retrieve(self, resource: Resource, identifiers: Iterable[str]) -> list[ObjectRow]:
        """Retrieve objects by id concurrently, omitting unusable ones; the caller bounds them."""
        found = await asyncio.gather(
            *(self.reader.retrieve(resource, each) for each in identifiers)
        )
        return [row for row in found if row]


def _entries(resource: Resource, found: Sequence[Unusable]) -> list[Quarantined]:
    return [
        quarantined(resource.name, each.identifier, each.after, each.reason, each.body)
        for each in found
    ]


def in_groups(identifiers: Sequence[str]) -> Iterable[Sequence[str]]:
    """Split ids into groups of RETRIEVE_TOGETHER."""
    for start in range(0, len(identifiers), RETRIEVE_TOGETHER):
        yield identifiers[start : start + RETRIEVE_TOGETHER]
