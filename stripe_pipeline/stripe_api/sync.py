"""Bring the lake up to what Stripe has: everything the first time, then what changed."""

import asyncio
import time
from collections.abc import Collection

import stripe

from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_api.catalog import BY_NAME, RESOURCES, Resource
from stripe_pipeline.stripe_api.client import Client
from stripe_pipeline.stripe_api.home import refuse_other_mode
from stripe_pipeline.stripe_api.keys import require_key
from stripe_pipeline.stripe_api.limiter import make_limiter
from stripe_pipeline.stripe_api.reading import Reading
from stripe_pipeline.stripe_api.report import Progress, ResourceReport, Silence, SyncReport
from stripe_pipeline.stripe_api.run import run
from stripe_pipeline.stripe_api.sentences import first_of, sentence

__all__ = ["Progress", "ResourceReport", "SyncReport", "sync"]


def sync(
    settings: Settings,
    *,
    full: bool = False,
    resources: Collection[str] | None = None,
    progress: Progress | None = None,
) -> SyncReport:
    """Read Stripe into the lake, and report what came of it.

    The first sync reads everything; later ones what events and creation times say has changed,
    unless `full` or too much time has gone by. `resources` are names of the catalog, by default
    all. A resource that the key may not read is skipped with a warning.

    Raises:
        UsageError: the key or another setting can't be used; nothing was started.
        PipelineError: Stripe can't be reached or refuses the key, or the lake can't be written.
            What was committed until then stays, and the next sync goes on from there.
    """
    wanted = _wanted(resources)
    key = require_key(settings)
    client = Client(key, settings.stripe_api_base, make_limiter(settings, key))
    lake = Lake(settings.lake)
    with lake.writing():
        refuse_other_mode(settings, key)
        return asyncio.run(_sync(client, lake, wanted, full, progress or Silence()))


async def _sync(
    client: Client, lake: Lake, wanted: list[Resource], full: bool, progress: Progress
) -> SyncReport:
    started = time.monotonic()
    reading = Reading(client, lake, progress)
    if client.key.warning:
        reading.warn(client.key.warning)
    async with client:
        try:
            await run(reading, wanted, full)
        except (BaseExceptionGroup, stripe.StripeError) as error:
            raise _plain(first_of(error), client) from error
    return _report(reading, wanted, time.monotonic() - started)


def _plain(error: BaseException, client: Client) -> BaseException:
    if isinstance(error, stripe.StripeError):
        return PipelineError(sentence(error, client.host))
    return error


def _report(reading: Reading, wanted: list[Resource], seconds: float) -> SyncReport:
    requests = reading.client.requests
    reports = [reading.report(resource) for resource in wanted]
    for resource, report in zip(wanted, reports, strict=True):
        report.requests = sum(requests[endpoint] for endpoint in resource.endpoints)
    return SyncReport(
        mode=reading.key.mode,
        resources=reports,
        warnings=reading.warnings,
        announcements=reading.announcements,
        requests=requests.total(),
        seconds=seconds,
    )


def _wanted(names: Collection[str] | None) -> list[Resource]:
    unknown = sorted(set(names or ()) - set(BY_NAME))
    if unknown:
        raise UsageError(
            f"There is no resource {unknown[0]}; the resources are {', '.join(BY_NAME)}."
        )
    return [each for each in RESOURCES if names is None or each.name in names]
