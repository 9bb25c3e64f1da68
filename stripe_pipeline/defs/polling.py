"""The schedule that polls Stripe, as often as its read quota allows."""

import time
from datetime import UTC, datetime, timedelta

import dagster as dg

from stripe_pipeline.defs.automation import stripe_pipeline_job
from stripe_pipeline.errors import UsageError
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.quota.budget import wait
from stripe_pipeline.orchestration.runs import JOB
from stripe_pipeline.stripe_client.http.keys import require_key

TICK_MINUTES = 5
# A sync starts some seconds after its tick, and the next tick must still count as due.
_SLACK_SECONDS = TICK_MINUTES * 60 // 2
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
# A run whose machine crashed still looks active; it isn't waited for longer than this.
_LONGEST_RUN = timedelta(days=1)


# Stopped until a user starts it: opening the UI must not start to read a real account.
@dg.schedule(
    name="poll_stripe",
    job=stripe_pipeline_job,
    cron_schedule=f"*/{TICK_MINUTES} * * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description=(
        "Runs the job `stripe_pipeline` as often as fits into the reads that Stripe allows in 30 "
        "days, or every STRIPE_PIPELINE_POLL_MINUTES. A tick that is skipped says when the next "
        "poll is due and why. Start it in the UI."
    ),
)
def poll_stripe(
    context: dg.ScheduleEvaluationContext, home: dg.ResourceParam[Home]
) -> dg.RunRequest | dg.SkipReason:
    """Request a run if none is active and a poll is due."""
    if _is_under_way(context.instance):
        return dg.SkipReason("The last run is still going on.")
    try:
        settings = home.settings
        reason = wait(settings, require_key(settings).mode, int(time.time()), _SLACK_SECONDS)
    except UsageError as error:
        return dg.SkipReason(str(error))
    if reason:
        return dg.SkipReason(reason)
    return dg.RunRequest(run_config={"ops": {"stripe": {"config": {"poll": True}}}})


def _is_under_way(instance: dg.DagsterInstance) -> bool:
    since = datetime.now(UTC) - _LONGEST_RUN
    filters = dg.RunsFilter(job_name=JOB, statuses=_UNDER_WAY, created_after=since)
    return bool(instance.get_runs(filters, limit=1))
