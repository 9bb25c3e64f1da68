"""Assets `stripe/<resource>`: what Stripe says, appended to the lake."""

import logging
from collections.abc import Iterator

import dagster as dg

from stripe_pipeline.lake import Lake
from stripe_pipeline.progress import SyncLines
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.stripe_api.catalog import RESOURCES, Resource
from stripe_pipeline.stripe_api.sync import ResourceReport, sync

logger = logging.getLogger(__name__)

READABLE = "readable"


def stripe_key(name: str) -> dg.AssetKey:
    """The asset key of a resource of the catalog."""
    return dg.AssetKey(["stripe", name])


def _spec(resource: Resource) -> dg.AssetSpec:
    return dg.AssetSpec(
        stripe_key(resource.name),
        group_name="stripe",
        kinds={"stripe", "parquet"},
        skippable=True,
        description=(
            f"{resource.label} of the Stripe account, every version seen, whole, in the lake "
            f"(`lake/{resource.name}`). Read from `{resource.path}`, which needs the permission "
            f"`{resource.permission}`."
        ),
    )


def _check_spec(resource: Resource) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        READABLE,
        asset=stripe_key(resource.name),
        description=(
            f"The key has the permission `{resource.permission}`. Without it, fields that need "
            f"{resource.label.lower()} are null; nothing fails."
        ),
    )


class SyncConfig(dg.Config):
    """What can be chosen when a sync is started by hand."""

    full: bool = False  # read everything again instead of what changed since the last sync


@dg.multi_asset(
    name="stripe",
    specs=[_spec(resource) for resource in RESOURCES],
    check_specs=[_check_spec(resource) for resource in RESOURCES],
    can_subset=True,
    pool="lake",
)
def stripe(context: dg.AssetExecutionContext, config: SyncConfig) -> Iterator[dg.MaterializeResult]:
    """One process reads all resources: they share one rate limit and one connection pool."""
    settings = load_settings()
    names = sorted(key.path[-1] for key in context.selected_asset_keys)
    report = sync(settings, full=config.full, resources=names, progress=SyncLines())
    for warning in report.warnings:
        logger.warning(warning)
    logger.info("Read Stripe: %s new rows, %s requests", f"{report.rows:,}", report.requests)
    for resource in report.resources:
        yield _result(settings, resource)


def _result(settings: Settings, report: ResourceReport) -> dg.MaterializeResult:
    batches = Lake(settings.lake).batches(report.name)
    return dg.MaterializeResult(
        asset_key=stripe_key(report.name),
        # Batches never change, so the newest one's number stands for all that is there.
        data_version=dg.DataVersion(str(batches[-1].sequence if batches else 0)),
        metadata={
            "how": report.how,
            "rows_read": report.read,
            "rows_added": report.added,
            "rows_changed": report.changed,
            "rows_deleted": report.deleted,
            "requests": report.requests,
            "seconds": round(report.seconds, 3),
        },
        check_results=[_check_result(report)],
    )


def _check_result(report: ResourceReport) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=READABLE,
        asset_key=stripe_key(report.name),
        passed=report.is_readable,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={} if report.is_readable else {"missing_permission": report.permission},
    )
