"""Compare everything that the lake holds with Stripe's lists, and repair what differs.

Every resource is listed completely, with its nested lists, by the same pass as in a first sync, so
differences are repaired as they are found. An ordinary sync follows. Objects that its events
report as changed since the last sync aren't drift. The others are: the sync should have noticed
them and hasn't.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stripe_pipeline.ingestion.reconciliation.comparison import compare
from stripe_pipeline.ingestion.reconciliation.differences import (
    CHANGED,
    COSMETIC,
    MISSING,
    STALE,
    SURPLUS,
    Differences,
)
from stripe_pipeline.ingestion.report import Progress, Silence
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.steps import run
from stripe_pipeline.ingestion.sync import in_session
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import RECONCILIATIONS, entries
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.words import counted

TABLE = "reconciliations"
# Seconds after a change within which its event should be listed.
SETTLING = 60.0


@dataclass(frozen=True)
class ResourceComparison:
    """The result of comparing one resource, in numbers of objects.

    `missing` are those that Stripe has and the lake hadn't, `stale` those of which the lake had
    another amount, status, currency, customer, address or entry of a list, `surplus` those that
    Stripe doesn't have any more and the lake still had: these three are drift. `cosmetic` differ
    in no essential field, and `changed` were changed in Stripe since the last sync or without an
    event. `repaired` rows were written; `is_first` says that there was nothing to compare with.
    """

    resource: str
    compared: int = 0
    missing: int = 0
    stale: int = 0
    surplus: int = 0
    cosmetic: int = 0
    changed: int = 0
    repaired: int = 0
    requests: int = 0
    is_first: bool = False
    examples: list[str] = field(default_factory=list)

    @property
    def drift(self) -> int:
        """The number of objects that a sync should have updated and hadn't."""
        return self.missing + self.stale + self.surplus


@dataclass(frozen=True)
class ReconcileReport:
    """The result of a reconciliation; resources that the key can't read are left out."""

    mode: str
    resources: list[ResourceComparison]
    warnings: list[str]
    requests: int
    seconds: float
    reconciled_at: datetime

    @property
    def drift(self) -> int:
        """The number of drifted objects of all resources."""
        return sum(each.drift for each in self.resources)


def reconcile(
    settings: Settings, *, progress: Progress | None = None, settling: float = SETTLING
) -> ReconcileReport:
    """Compare the lake with Stripe, repair it, and record the result in the lake.

    Where an event of a difference may still arrive, waits until the difference is `settling`
    seconds old and lists the events again.

    Raises:
        UsageError: the key or another setting can't be used; nothing was started.
        PipelineError: Stripe can't be reached or refuses the key, or the lake can't be written.
            Repairs until then are kept, and nothing is recorded.
    """

    async def work(session: Session) -> ReconcileReport:
        return await _reconcile(session, settling)

    return in_session(settings, progress or Silence(), work)


async def _reconcile(session: Session, settling: float) -> ReconcileReport:
    began = time.monotonic()
    await session.account.check_key()
    found = await compare(session, int(time.time()))
    syncing = await _sync(session, found)
    waiting = _unsettled_until(found, settling) - time.time()
    if syncing.found.named is not None and waiting > 0:
        session.announce(f"Waits {waiting:.0f} seconds: events may still explain what differs.")
        await asyncio.sleep(waiting)
        syncing = await _sync(session, found)
    report = _report(session, syncing, found, time.monotonic() - began)
    _record(session.lake, report)
    return report


async def _sync(session: Session, found: Mapping[str, Differences]) -> Session:
    """Sync, and reclassify the differences that events report as changed."""
    syncing = Session(session.client, session.lake, session.progress)
    syncing.forgotten = session.forgotten
    await run(syncing, list(RESOURCES), False)
    for name, differences in found.items():
        if syncing.found.named is None:
            differences.explain_without_events()
        else:
            differences.explain(syncing.found.named.get(name, ()))
    return syncing


def _unsettled_until(found: Mapping[str, Differences], settling: float) -> float:
    """Return the time at which every difference should have had its event; 0 for none."""
    newest = max((each.unsettled_at() for each in found.values()), default=0.0)
    return newest + settling if newest else 0.0


def _report(
    session: Session, syncing: Session, found: Mapping[str, Differences], seconds: float
) -> ReconcileReport:
    warnings = [*session.found.warnings, *syncing.found.warnings]
    if syncing.found.named is None and (unsure := sum(each.unsure for each in found.values())):
        warnings.append(
            f"Without events it is unknown whether {counted(unsure, 'object')} that differed "
            "drifted or changed since the last sync; all were repaired and count as changed."
        )
    return ReconcileReport(
        mode=session.key.mode,
        resources=[
            _comparison(session, resource, found.get(resource.name))
            for resource in RESOURCES
            if session.report(resource).is_readable and syncing.report(resource).is_readable
        ],
        warnings=list(dict.fromkeys(warnings)),
        requests=session.client.requests.total(),
        seconds=seconds,
        reconciled_at=datetime.now(UTC),
    )


def _comparison(
    session: Session, resource: Resource, differences: Differences | None
) -> ResourceComparison:
    requests = sum(session.client.requests[each] for each in resource.endpoints)
    if differences is None:
        return ResourceComparison(resource.name, requests=requests, is_first=True)
    report, counts = session.report(resource), differences.counts()
    return ResourceComparison(
        resource.name,
        compared=report.read,
        missing=counts[MISSING],
        stale=counts[STALE],
        surplus=counts[SURPLUS],
        cosmetic=counts[COSMETIC],
        changed=counts[CHANGED],
        repaired=report.added + report.changed + report.deleted,
        requests=requests,
        examples=differences.examples(),
    )


def _record(lake: Lake, report: ReconcileReport) -> None:
    columns = RECONCILIATIONS.names
    rows = [
        {key: value for key, value in vars(each).items() if key in columns}
        | {"reconciled_at": report.reconciled_at}
        for each in report.resources
    ]
    lake.append(TABLE, entries(TABLE, rows), {"livemode": report.mode == "live"})
