"""Sync the lake with Stripe: a full backfill the first time, then what changed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

import stripe

from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.ingestion.damage import (
    is_being_repaired,
    quarantine_met_batch,
    set_damaged_aside,
)
from stripe_pipeline.ingestion.deliveries import run_deliveries
from stripe_pipeline.ingestion.error_messages import first_of, sentence
from stripe_pipeline.ingestion.frozen_imports import frozen_imports
from stripe_pipeline.ingestion.mirror.key_mode import refuse_other_mode
from stripe_pipeline.ingestion.mirror.upkeep import keep_files_few
from stripe_pipeline.ingestion.quota.budget import budget
from stripe_pipeline.ingestion.quota.metering import metered
from stripe_pipeline.ingestion.quota.reads import Reads
from stripe_pipeline.ingestion.report import Progress, ResourceReport, Silence, SyncReport
from stripe_pipeline.ingestion.session import Session
from stripe_pipeline.ingestion.steps import run
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import TornBatchError
from stripe_pipeline.privacy.erasing import erase_deleted, finish_pending
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES
from stripe_pipeline.stripe_client.http.client import Client
from stripe_pipeline.stripe_client.http.keys import require_key
from stripe_pipeline.stripe_client.http.limiter import make_limiter
from stripe_pipeline.stripe_client.resources import Resource

__all__ = ["Progress", "ResourceReport", "SyncReport", "in_session", "sync"]

logger = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")
Work = Callable[[Session], Awaitable[Outcome]]


def sync(
    settings: Settings,
    *,
    full: bool = False,
    resources: Collection[str] | None = None,
    progress: Progress | None = None,
    poll: bool = False,
    deliveries_only: bool = False,
) -> SyncReport:
    """Sync the lake with Stripe, and return the report.

    The first sync reads everything; later ones what events and creation times show as changed,
    unless `full` or too much time has passed. `resources` are names of the catalog, by default
    all. A resource that the key may not read is skipped with a warning. A `poll` lists objects
    without an event only every few hours, or when there are related events (see catalog.py).
    With `deliveries_only`, only the objects of webhook deliveries are read.

    Raises:
        UsageError: the key or another setting can't be used; nothing was started.
        PipelineError: Stripe can't be reached or refuses the key, or the lake can't be written.
            What was committed until then is kept, and the next sync resumes from there.
    """
    wanted = _wanted(resources)

    async def work(session: Session) -> SyncReport:
        started, began_at = time.monotonic(), time.time()
        if deliveries_only and not is_being_repaired(session.lake, session.key):
            await run_deliveries(session, settings.webhooks)
        else:
            _note_start(session, wanted, is_poll=poll)
            await run(session, wanted, full, poll, settings.webhooks)
        report = _report(session, wanted, time.monotonic() - started)
        _note_verified(report, session, began_at)
        _add_budget(report, session, settings)
        await asyncio.to_thread(keep_files_few, session.lake, session.key)
        return report

    return in_session(settings, progress or Silence(), work)


def in_session(settings: Settings, progress: Progress, work: Work[Outcome]) -> Outcome:
    """Run `work` with a client and the lake's write lock; return its result.

    Customers found to be deleted are erased at the end.

    Raises:
        UsageError: the key or another setting can't be used; nothing was started.
        PipelineError: Stripe can't be reached or refuses the key, or the lake can't be written.
    """
    key = require_key(settings)
    lake = Lake(settings.lake)
    with lake.writing(), frozen_imports():
        refuse_other_mode(settings, key)
        set_damaged_aside(lake, key)
        while True:
            client = Client(
                key,
                settings.stripe_api_base,
                make_limiter(settings, key),
                allowed=settings.allow_api_base,
            )
            try:
                finish_pending(lake)
                return asyncio.run(_in_session(client, lake, progress, work))
            except TornBatchError as met:
                # A batch turned out to be damaged: take the file out of its table and restart.
                quarantine_met_batch(lake, key, met)


def _erase_deleted(session: Session) -> None:
    if erased := erase_deleted(session.lake, session.forgotten).customers:
        logger.info("Erased the personal data of %s deleted customers", f"{len(erased):,}")


async def _in_session(
    client: Client, lake: Lake, progress: Progress, work: Work[Outcome]
) -> Outcome:
    reads = Reads(lake.root.parent, client.key.mode)
    async with client, metered(client, reads) as meter:
        session = Session(client, lake, progress, meter)
        if client.key.warning:
            session.warn(client.key.warning)
        try:
            outcome = await work(session)
        except (BaseExceptionGroup, stripe.StripeError) as error:
            raise _plain(first_of(error), client) from error
        finally:
            progress.finish()
    _erase_deleted(session)
    return outcome


def _plain(error: BaseException, client: Client) -> BaseException:
    if isinstance(error, stripe.StripeError):
        return PipelineError(sentence(error, client.host))
    return error


def _report(session: Session, wanted: list[Resource], seconds: float) -> SyncReport:
    requests, throttled = session.client.requests, session.client.throttled
    reports = [session.report(resource) for resource in wanted]
    for resource, report in zip(wanted, reports, strict=True):
        report.requests = sum(requests[endpoint] for endpoint in resource.endpoints)
        report.throttled_seconds = sum(throttled[endpoint] for endpoint in resource.endpoints)
        report.quarantined = session.quarantined.count(resource.name)
    return SyncReport(
        mode=session.key.mode,
        resources=reports,
        warnings=session.found.warnings,
        announcements=session.found.announcements,
        requests=requests.total(),
        seconds=seconds,
    )


def _note_start(session: Session, wanted: list[Resource], *, is_poll: bool) -> None:
    """Record the start for the poll interval, unless resources were left out."""
    if session.meter and len(wanted) == len(RESOURCES):
        session.meter.begin_sync(int(time.time()), is_poll=is_poll)


def _note_verified(report: SyncReport, session: Session, began_at: float) -> None:
    """Set `verified_at` of the resources that got a full read or were followed by events.

    Without events, what changed since a full read began may not be in it.
    """
    for each in report.resources:
        if each.is_readable and session.found.named is not None:
            each.verified_at = began_at
        elif each.is_readable and each.how == "full" and each.read_since is not None:
            each.verified_at = min(began_at, float(each.read_since))


def _add_budget(report: SyncReport, session: Session, settings: Settings) -> None:
    """Add the read budget to the report, and its warning if there is one."""
    if session.meter:
        session.meter.end()
    report.budget = budget(settings, report.mode, int(time.time()))
    if report.budget.warning:
        report.warnings.append(report.budget.warning)


def _wanted(names: Collection[str] | None) -> list[Resource]:
    unknown = sorted(set(names or ()) - set(BY_NAME))
    if unknown:
        raise UsageError(
            f"There is no resource {unknown[0]}; the resources are {', '.join(BY_NAME)}."
        )
    return [each for each in RESOURCES if names is None or each.name in names]
