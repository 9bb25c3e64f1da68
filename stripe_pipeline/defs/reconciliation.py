"""The job `reconcile`, the only one that compares the whole lake with Stripe's lists."""

import logging

import dagster as dg

from stripe_pipeline.defs.ingestion import stripe_key
from stripe_pipeline.defs.stripe_checks import DRIFT, check_result
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.reconciliation.reconcile import reconcile
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake_checks.drift import drift_verdict, newest_reconciliations
from stripe_pipeline.orchestration.terminating import explaining_termination
from stripe_pipeline.settings import Settings
from stripe_pipeline.terminal.progress import SyncLines

logger = logging.getLogger(__name__)

RECONCILE_JOB = "reconcile"


@dg.op(name="compare_with_stripe", pool="lake")
def compare_with_stripe(context: dg.OpExecutionContext, home: dg.ResourceParam[Home]) -> None:
    """List everything that Stripe has, repair the lake, and report each resource's check."""
    settings = home.settings
    with explaining_termination(context, "The comparison with Stripe"):
        report = reconcile(settings, progress=SyncLines())
    for warning in report.warnings:
        logger.warning(warning)
    for each in report.resources:
        numbers = {name: value for name, value in vars(each).items() if name != "resource"}
        context.log_event(dg.AssetObservation(stripe_key(each.resource), metadata=numbers))
    report_drift(context.instance, settings)


@dg.job(
    name=RECONCILE_JOB,
    description=(
        "Compares every id and amount of the lake with Stripe's lists and repairs what differs. "
        "What a sync should have noticed and hadn't fails the check `reconcile_drift` of its "
        "resource, and holds what is published and exported until a later comparison finds none. "
        "Costs about as many requests as a first sync."
    ),
)
def reconcile_job() -> None:
    """One step."""
    compare_with_stripe()


def report_drift(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Report the newest reconciliation of each resource to Dagster as an asset check."""
    for name, row in newest_reconciliations(Lake(settings.lake)).items():
        result = check_result(dg.AssetCheckKey(stripe_key(name), DRIFT), drift_verdict(row))
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=stripe_key(name),
                check_name=DRIFT,
                passed=result.passed,
                severity=result.severity,
                description=result.description,
                metadata=result.metadata,
            )
        )
