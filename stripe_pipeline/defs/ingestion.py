"""Assets `stripe/<resource>`: the objects of Stripe, appended to the lake."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import duckdb

from stripe_pipeline.forget import erase_outside
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.quota.budget import Budget
from stripe_pipeline.ingestion.sync import ResourceReport, sync
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake_checks.freshness import verified_at
from stripe_pipeline.lake_checks.quarantined import quarantined_verdict
from stripe_pipeline.orchestration.rows_per_day import objects_per_day, plot
from stripe_pipeline.orchestration.runs import run_as_of
from stripe_pipeline.orchestration.terminating import explaining_termination
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.terminal.progress import SyncLines

logger = logging.getLogger(__name__)

READABLE, USABLE = "readable", "usable"
EVENTS = "events"


def stripe_key(name: str) -> dg.AssetKey:
    """Return the asset key of a resource of the catalog."""
    return dg.AssetKey(["stripe", name])


def _spec(resource: Resource) -> dg.AssetSpec:
    return dg.AssetSpec(
        stripe_key(resource.name),
        group_name="stripe",
        kinds={"stripe", "parquet"},
        skippable=True,
        description=_description(resource),
    )


def _description(resource: Resource) -> str:
    """Return an asset's description: what it is, where it is stored, how it is updated."""
    without_events = [each.reason for each in (resource.unannounced, resource.sweep) if each]
    lines = [
        f"{resource.label} of the Stripe account: every version that was seen of each, whole as "
        f"JSON, as Parquet batches in the home folder's `lake/{resource.name}`. The current state "
        f"is the table `raw.{resource.name}`.",
        f"Read from `{resource.path}`, which needs the permission `{resource.permission}` "
        f"({resource.permission_name}: Read). The first sync reads everything, later ones what "
        "Stripe's events say has changed.",
        *(f"Looked at without an event as well: {reason}." for reason in without_events),
        "Of the metadata, `lag_seconds` is how long ago, when this was written, the instant was up "
        "to which all that happened in Stripe is in the lake; `throttled_seconds` is time spent "
        "waiting because of a rate limit.",
    ]
    return "\n\n".join(lines)


def _check_spec(resource: Resource) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        READABLE,
        asset=stripe_key(resource.name),
        description=(
            f"The key has the permission `{resource.permission}`. Without it, fields that need "
            f"{resource.label.lower()} are null; nothing fails."
        ),
    )


def _usable_spec(resource: Resource) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        USABLE,
        asset=stripe_key(resource.name),
        description=(
            "Every object that was read can be used. One that can't (no JSON, no id, an amount or "
            "a date that is none) is in quarantine, with its body, and all else goes on. A warning."
        ),
    )


class SyncConfig(dg.Config):
    """What can be chosen when a sync is started by hand."""

    full: bool = False  # read everything again instead of what changed since the last sync
    deliveries_only: bool = False  # read only the objects that webhook deliveries name
    poll: bool = False  # save requests where nothing happened, as the schedule does


@dg.multi_asset(
    name="stripe",
    specs=[_spec(resource) for resource in RESOURCES],
    check_specs=[spec(each) for each in RESOURCES for spec in (_check_spec, _usable_spec)],
    can_subset=True,
    pool="lake",
)
def stripe(
    context: dg.AssetExecutionContext, config: SyncConfig, home: dg.ResourceParam[Home]
) -> Iterator[dg.MaterializeResult]:
    """One process reads all resources: they share one rate limit and one connection pool."""
    settings = home.settings
    upto = run_as_of(context, settings)
    names = sorted(key.path[-1] for key in context.selected_asset_keys)
    with explaining_termination(context, "The reading of Stripe"):
        report = sync(
            settings,
            full=config.full,
            resources=names,
            progress=SyncLines(),
            deliveries_only=config.deliveries_only,
            poll=config.poll,
        )
        erase_outside(settings)
    # What the check `readable` reports isn't reported again.
    refusals = {each.refusal for each in report.resources}
    for warning in report.warnings:
        if warning not in refusals:
            logger.warning(warning)
    logger.info("Read Stripe: %s new rows, %s requests", f"{report.rows:,}", report.requests)
    if report.budget:
        logger.info(report.budget.sentence)
    with duckdb.connect() as connection:
        for resource in report.resources:
            if config.deliveries_only and resource.how == "skipped" and resource.is_readable:
                continue  # no delivery named it
            seen = _seen(connection, settings, resource, upto)
            if report.budget and resource.name == EVENTS:
                seen |= _reads(report.budget)
            yield _result(settings, resource, seen)


def _result(
    settings: Settings, report: ResourceReport, seen: dict[str, Any]
) -> dg.MaterializeResult:
    batches = Lake(settings.lake).batches(report.name)
    return dg.MaterializeResult(
        asset_key=stripe_key(report.name),
        # Batches are immutable, so the newest one's number is a version of the whole table.
        data_version=dg.DataVersion(str(batches[-1].sequence if batches else 0)),
        metadata={
            "how": report.how,
            "rows_read": report.read,
            "rows_added": report.added,
            "rows_changed": report.changed,
            "rows_deleted": report.deleted,
            "objects_in_quarantine": report.quarantined,
            "requests": report.requests,
            "throttled_seconds": round(report.throttled_seconds, 3),
            "seconds": round(report.seconds, 3),
            **seen,
        },
        check_results=[_check_result(report), _usable_result(settings, report.name)],
    )


def _seen(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    report: ResourceReport,
    upto: datetime,
) -> dict[str, Any]:
    """Return how far the lake is behind Stripe, and a plot of objects created per day."""
    lake = Lake(settings.lake)
    counts = objects_per_day(connection, lake, report.name, upto)
    seen: dict[str, Any] = {"created_per_day": dg.MetadataValue.md(plot(counts, upto))}
    known = verified_at(lake, report.name)
    verified = report.verified_at or (known.timestamp() if known else None)
    if verified is not None:
        seen["lag_seconds"] = round(max(time.time() - verified, 0.0), 1)
        seen["verified_at"] = dg.MetadataValue.timestamp(datetime.fromtimestamp(verified, UTC))
    return seen


def _reads(budget: Budget) -> dict[str, Any]:
    """Return how many reads were used, are expected and are allowed, for the asset in all polls."""
    return {
        "reads_30_days": budget.used,
        "reads_forecast_30_days": budget.forecast,
        "reads_allowance": budget.allowance,
        "minutes_between_polls": budget.interval // 60,
        "reads_in_words": budget.warning or budget.sentence,
    }


def _check_result(report: ResourceReport) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=READABLE,
        asset_key=stripe_key(report.name),
        passed=report.is_readable,
        severity=dg.AssetCheckSeverity.WARN,
        description=report.refusal or None,
        metadata={} if report.is_readable else {"missing_permission": report.permission},
    )


def _usable_result(settings: Settings, resource: str) -> dg.AssetCheckResult:
    verdict = quarantined_verdict(Lake(settings.lake), resource)
    return dg.AssetCheckResult(
        check_name=USABLE,
        asset_key=stripe_key(resource),
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=verdict.sentence,
        metadata=dict(verdict.numbers),
    )
