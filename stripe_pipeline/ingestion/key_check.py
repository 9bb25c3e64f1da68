"""Check which resources a key may read, before a sync."""

import asyncio
import time
from dataclasses import dataclass, field

import stripe

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.error_messages import first_of, sentence
from stripe_pipeline.ingestion.quota.budget import Budget, budget
from stripe_pipeline.ingestion.quota.reads import UPKEEP, Reads
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.account import mirrored_account
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.stripe_client.http.client import Client
from stripe_pipeline.stripe_client.http.keys import require_key
from stripe_pipeline.stripe_client.http.limiter import make_limiter
from stripe_pipeline.stripe_client.lists.pages import parse_list
from stripe_pipeline.stripe_client.resources import Resource


@dataclass(frozen=True)
class Access:
    """Whether one resource may be read; `permission` is what the key has or lacks."""

    resource: str
    label: str
    is_readable: bool
    permission: str
    permission_name: str  # as the dashboard words it


@dataclass(frozen=True)
class CheckReport:
    """What a key may read, and whether it fits the home folder."""

    mode: str  # live or test
    home_mode: str | None  # of the home folder's data; None: there is none yet
    resources: list[Access]
    warnings: list[str] = field(default_factory=list)
    budget: Budget | None = None  # of the home folder; None: there is none yet

    @property
    def missing(self) -> list[str]:
        """The permissions that the key lacks, without duplicates."""
        lacking = [each.permission for each in self.resources if not each.is_readable]
        return list(dict.fromkeys(lacking))

    @property
    def fits_home(self) -> bool:
        """Whether the key's mode is that of the home folder."""
        return self.home_mode in (None, self.mode)


def check(settings: Settings) -> CheckReport:
    """Probe each list endpoint with one request for one object; writes only the read count.

    Raises:
        UsageError: the key or the address can't be used.
        PipelineError: Stripe can't be reached, or refuses the key.
    """
    key = require_key(settings)
    client = Client(
        key,
        settings.stripe_api_base,
        make_limiter(settings, key),
        allowed=settings.allow_api_base,
    )
    access = asyncio.run(_probe_all(client))
    used, account = _count(settings, client), mirrored_account(Lake(settings.lake))
    warnings = [key.warning, used.warning if used else None]
    return CheckReport(
        mode=key.mode,
        home_mode=account.mode if account else None,
        resources=access,
        warnings=[each for each in warnings if each],
        budget=used,
    )


def _count(settings: Settings, client: Client) -> Budget | None:
    """Add the probes to the home's read count; returns None without a home folder."""
    if not settings.home.exists():
        return None
    mode, now = client.key.mode, int(time.time())
    Reads(settings.home, mode).add(UPKEEP, client.requests.total(), now)
    return budget(settings, mode, now)


async def _probe_all(client: Client) -> list[Access]:
    try:
        async with client, asyncio.TaskGroup() as group:
            probes = [group.create_task(_probe(client, resource)) for resource in RESOURCES]
    except* stripe.StripeError as errors:
        error = first_of(errors)
        assert isinstance(error, stripe.StripeError)
        raise PipelineError(sentence(error, client.host)) from None
    return [probe.result() for probe in probes]


async def _probe(client: Client, resource: Resource) -> Access:
    is_readable = True
    try:
        await client.get(resource.path, [("limit", "1")], parse=parse_list)
    except stripe.PermissionError:
        is_readable = False
    return Access(
        resource.name,
        resource.label,
        is_readable,
        resource.permission,
        resource.permission_name,
    )
