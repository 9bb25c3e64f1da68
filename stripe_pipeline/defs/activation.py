"""Assets from the marts to the files: `published`, `email_export`, `sms_export`, `push_export`."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from stripe_pipeline.activation.addresses import Channel
from stripe_pipeline.activation.export import CampaignReport, ExportReport, export
from stripe_pipeline.activation.facts_version import facts_version
from stripe_pipeline.activation.outcome import (
    held_by_reason,
    kept_back_sentence,
    outcome,
    unpublished_sentence,
)
from stripe_pipeline.components.campaign_assets import campaign_key
from stripe_pipeline.defs.automation import MARTS_CHANGED, MEMBERSHIP_CHANGED
from stripe_pipeline.defs.stripe_checks import check_result
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.home import Home
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake_checks.drift import refuse_drift
from stripe_pipeline.lake_checks.timeline import as_of_verdict, history_verdict
from stripe_pipeline.orchestration.checks import failed_checks, membership_version
from stripe_pipeline.orchestration.preview import rows_as_markdown
from stripe_pipeline.orchestration.runs import as_of_of, run_as_of
from stripe_pipeline.orchestration.terminating import explaining_termination
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.ahead import recorded_ahead
from stripe_pipeline.warehouse.history import newest_move
from stripe_pipeline.warehouse.publish import (
    publish,
    published_as_of,
    published_set,
    remove_outdated,
)

PUBLISHED = dg.AssetKey("published")
EXPORTS = {dg.AssetKey(f"{channel}_export") for channel in ("email", "sms", "push")}
FILLED_IN = "templates_filled_in"
_FILLED_IN = (
    "Every due message of the channel's campaigns could be filled in. One that couldn't is held "
    "with the reason `template_failed`; the others go out. A warning."
)
PRESENT, NOT_AHEAD = "computed_for_the_present", "history_is_not_ahead"
_TIMES = {
    PRESENT: (
        "The run computed for the present, and not for an earlier instant that --as-of, the "
        "setting STRIPE_PIPELINE_AS_OF or the run's tag named: what is published then shows the "
        "past. A warning."
    ),
    NOT_AHEAD: (
        "No segment move and no message is recorded for later than now. While one is, no run "
        "records moves or exports messages; `stripe-pipeline withdraw-future` is the way out, "
        "where the machine's clock is right. A warning."
    ),
}
KEPT_BACK = "nothing_kept_back"
_KEPT_BACK = (
    "The export wasn't late (as of an instant before the newest recorded segment move), and no "
    "interrupted live export waits for live sends to be on. A warning."
)
_PUBLISHED_SCHEMAS = ("marts", "activation")
_PUBLISHED = (
    "The marts as Parquet in the home folder's `published/`, replaced as a whole, for people and "
    "exports to read while a run writes the warehouse. New moves into and out of segments are "
    "recorded in the lake here. Refuses while the latest result of any blocking check of the marts "
    "is a failure, or the newest reconciliation found drift. Its data version stands for who is in "
    "which segment, and for the facts that trigger live campaigns."
)


def published_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """Build the asset `published`, which depends on the marts among dbt's models."""

    @dg.asset(
        key=PUBLISHED,
        group_name="activation",
        kinds={"duckdb", "parquet"},
        pool="duckdb",
        deps=[key for key in sorted(models.keys) if key.path[0] in _PUBLISHED_SCHEMAS],
        automation_condition=MARTS_CHANGED,
        description=_PUBLISHED,
        check_specs=[
            dg.AssetCheckSpec(name, asset=PUBLISHED, description=description)
            for name, description in _TIMES.items()
        ],
    )
    def published(
        context: dg.AssetExecutionContext, home: dg.ResourceParam[Home]
    ) -> dg.MaterializeResult:
        """Publish the marts, unless a blocking check says that they are wrong."""
        return _published(context, home, models.check_specs)

    return published


def _published(
    context: dg.AssetExecutionContext, home: Home, checks: Iterable[dg.AssetCheckSpec]
) -> dg.MaterializeResult:
    settings = home.settings
    try:
        _refuse_what_is_wrong(context.instance, checks, settings)
    except PipelineError:
        # No newer set replaces the published ones, so those that hold erased data are removed.
        remove_outdated(settings)
        raise
    times = _times(context, home, settings)
    with explaining_termination(context, "The publishing of the tables"):
        report = publish(settings)
    return dg.MaterializeResult(
        check_results=times,
        data_version=dg.DataVersion(
            membership_version(published_set(settings)) + facts_version(settings)
        ),
        metadata={
            "segment_moves_recorded": report.moves_recorded,
            **{f"rows_{mart}": rows for mart, rows in report.rows.items()},
        },
    )


def _times(
    context: dg.AssetExecutionContext, home: Home, settings: Settings
) -> list[dg.AssetCheckResult]:
    """Judge the run's as-of instant and the history, before a new set replaces the old one."""
    record = context.instance.get_run_record_by_id(context.run.run_id)
    started = record.start_time if record else None
    now = home.now()
    verdicts = {
        PRESENT: as_of_verdict(
            as_of_of(context.instance, context.run, settings),
            min(now, datetime.fromtimestamp(started, UTC)) if started else now,
            published_as_of(settings),
            newest_move(Lake(settings.lake)),
        ),
        NOT_AHEAD: history_verdict(recorded_ahead(settings)),
    }
    return [check_result(dg.AssetCheckKey(PUBLISHED, name), one) for name, one in verdicts.items()]


def _refuse_what_is_wrong(
    instance: dg.DagsterInstance, checks: Iterable[dg.AssetCheckSpec], settings: Settings
) -> None:
    if failed := failed_checks(instance, checks):
        raise PipelineError(
            f"Not published, because the check {failed[0]} failed; correct what it reports and "
            "materialize the models again."
        )
    refuse_drift(settings)


def _export_asset(channel: Channel, description: str) -> dg.AssetsDefinition:
    """Build the asset of one channel. It reads the published set, not the warehouse."""

    @dg.asset(
        name=f"{channel}_export",
        group_name="activation",
        kinds={"csv", "json"},
        pool="lake",
        deps=[PUBLISHED],
        automation_condition=MEMBERSHIP_CHANGED,
        description=description,
        check_specs=[
            dg.AssetCheckSpec(FILLED_IN, asset=f"{channel}_export", description=_FILLED_IN),
            dg.AssetCheckSpec(KEPT_BACK, asset=f"{channel}_export", description=_KEPT_BACK),
        ],
    )
    def export_asset(
        context: dg.AssetExecutionContext, home: dg.ResourceParam[Home]
    ) -> dg.MaterializeResult:
        settings = home.settings
        refuse_drift(settings)
        with explaining_termination(context, f"The export of {channel} messages"):
            report = export(settings, channel, run_as_of(context, settings))
        for campaign in report.campaigns:
            context.log_event(_reached(campaign))
        return dg.MaterializeResult(
            metadata=_metadata(report), check_results=[_filled_in(report), _kept_back(report)]
        )

    return export_asset


def _reached(campaign: CampaignReport) -> dg.AssetMaterialization:
    """Return what a campaign's asset shows: its funnel, and a few people with masked addresses."""
    steps = {f"{row['step']}": row["left"] for row in campaign.funnel}
    return dg.AssetMaterialization(
        campaign_key(campaign.campaign),
        metadata={
            "new_messages": campaign.new_messages,
            "due": steps.get("due", 0),
            "funnel": dg.MetadataValue.md(rows_as_markdown(campaign.funnel)),
            "sample": dg.MetadataValue.md(rows_as_markdown(campaign.sample)),
        },
    )


def _filled_in(report: ExportReport) -> dg.AssetCheckResult:
    """Report which campaigns' templates failed for how many customers, and what to do."""
    failed = {one.campaign: one.failed for one in report.campaigns if one.failed}
    named = ", ".join(f"{messages} of {campaign}" for campaign, messages in failed.items())
    return dg.AssetCheckResult(
        check_name=FILLED_IN,
        passed=not failed,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"Messages are held, as a template can't be filled in for their customers: {named}; "
            "correct the campaign, and the next export tries them again."
            if failed
            else "Every template could be filled in for every customer."
        ),
        metadata={"failed_messages": sum(failed.values())},
    )


def _kept_back(report: ExportReport) -> dg.AssetCheckResult:
    said = [kept_back_sentence(report), unpublished_sentence(report)]
    sentence = " ".join(filter(None, said))
    return dg.AssetCheckResult(
        check_name=KEPT_BACK,
        passed=not sentence,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence or "The export did all that was due.",
        metadata={"waiting_exports": len(report.finished.waiting)},
    )


def _metadata(report: ExportReport) -> dict[str, Any]:
    """Return an export's counts as metadata: the messages themselves are personal data."""
    return {
        "outcome": outcome(report),
        "new_messages": report.new_messages,
        "held_messages": held_by_reason(report).total(),
        "finished_exports": len(report.finished.appeared),
        "dry_run": report.is_dry_run,
        "campaigns": dg.MetadataValue.md(
            "\n".join([*map(_line, report.campaigns), *_resting(report)]) or "none"
        ),
    }


def _resting(report: ExportReport) -> list[str]:
    return [
        f"- {campaign}: {status}, so no message is written"
        for campaign, status in report.resting.items()
    ]


def _line(campaign: CampaignReport) -> str:
    counts = ", ".join(_status(*each) for each in sorted(campaign.counts.items()))
    folder = f" in `{campaign.folder}`" if campaign.folder else ""
    return f"- {campaign.campaign}: {campaign.new_messages} new{folder}; {counts or 'no one'}"


def _status(status: str, reasons: Mapping[str, int]) -> str:
    """Return a status with its number of messages by reason, in words."""
    named = ", ".join(f"{messages:,} {reason}" for reason, messages in reasons.items() if reason)
    return f"{sum(reasons.values()):,} {status}" + (f" ({named})" if named else "")


email_export = _export_asset(
    "email",
    "One folder a campaign and run in the home folder's `exports/`, with the emails as CSV and "
    "JSON Lines and a manifest. Each message exists once; without a consent there is none. A "
    "rehearsal until STRIPE_PIPELINE_LIVE_SENDS=on.",
)
sms_export = _export_asset(
    "sms",
    "One folder a campaign and run in the home folder's `exports/`, with the text messages as CSV "
    "and JSON Lines and a manifest. Each message exists once; without a consent there is none. A "
    "rehearsal until STRIPE_PIPELINE_LIVE_SENDS=on.",
)
push_export = _export_asset(
    "push",
    "One folder a campaign and run in the home folder's `exports/`, with the push messages as CSV "
    "and JSON Lines and a manifest; STRIPE_PIPELINE_PUSH_TOKEN_KEY names where the devices' tokens "
    "are. Each message exists once; without a consent there is none. A rehearsal until "
    "STRIPE_PIPELINE_LIVE_SENDS=on.",
)
