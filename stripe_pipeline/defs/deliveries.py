"""The sensor on webhook deliveries, which requests a run that reads the objects they name."""

import time

import dagster as dg

from stripe_pipeline.defs.ingestion import READABLE, USABLE, stripe_key
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.deliveries import was_everything_read
from stripe_pipeline.ingestion.webhooks.spool import is_waiting
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES

DELIVERIES_TAG = "stripe_pipeline/deliveries"
# Dagster's daemon looks no more often.
_EVERY_SECONDS = 5
# Pause after a failed run, before the next one is requested.
_REST_SECONDS = 60

_KEYS = [stripe_key(each.name) for each in RESOURCES]
# The checks that read whole tables are left to the runs that read everything.
_TARGET = dg.AssetSelection.assets(*_KEYS).without_checks() | dg.AssetSelection.checks(
    *(dg.AssetCheckKey(key, check) for key in _KEYS for check in (READABLE, USABLE))
)


# In the run's own process: starting another one for its one step would double the time.
read_deliveries = dg.define_asset_job(
    "read_deliveries",
    selection=_TARGET,
    executor_def=dg.in_process_executor,
    config={"ops": {"stripe": {"config": {"deliveries_only": True}}}},
    tags={DELIVERIES_TAG: "true"},
    description=(
        "Reads only the objects that webhook deliveries name. The sensor `webhooks_received` asks."
    ),
)


# Running by default: without `stripe-pipeline webhooks` nothing is ever delivered, and with it
# only objects that Stripe has named are read.
@dg.sensor(
    name="webhooks_received",
    job=read_deliveries,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=_EVERY_SECONDS,
    description=(
        "Waits until `stripe-pipeline webhooks` has received something, and requests a run that "
        "reads only the objects that the deliveries name; never a second one while one is running."
    ),
)
def webhooks_received(
    context: dg.SensorEvaluationContext, home: dg.ResourceParam[Home]
) -> dg.RunRequest | dg.SkipReason:
    """Request a run, unless there is a reason not to."""
    if reason := _reason_to_wait(context.instance, home.settings):
        return dg.SkipReason(reason)
    return dg.RunRequest(tags={DELIVERIES_TAG: "true"})


def _reason_to_wait(instance: dg.DagsterInstance, settings: Settings) -> str:
    if not is_waiting(settings.webhooks):
        return "Nothing was delivered."
    if not was_everything_read(Lake(settings.lake)):
        return "What was delivered waits until a sync has read everything once."
    records = instance.get_run_records(dg.RunsFilter(tags={DELIVERIES_TAG: "true"}), limit=1)
    run = records[0].dagster_run if records else None
    if run and not run.is_finished:
        return f"The run {run.run_id} is under way."
    if run and run.is_failure and time.time() - (records[0].end_time or 0) < _REST_SECONDS:
        return f"The run {run.run_id} failed; the next attempt is a minute after it."
    return ""
