"""Jobs, the weekly reconciliation's schedule, and the sensor on segment membership.

The schedule that polls Stripe is in polling.py.
"""

import dagster as dg

from stripe_pipeline.defs.reconciliation import reconcile_job
from stripe_pipeline.orchestration.runs import JOB

# Blocking checks are evaluated on every tick: dbt reports a table before it has tested it.
_CHECKED_AND_QUIET = (
    dg.AutomationCondition.all_deps_blocking_checks_passed()
    & ~dg.AutomationCondition.any_deps_missing()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
)
MARTS_CHANGED = (
    dg.AutomationCondition.any_deps_updated().since_last_handled() & _CHECKED_AND_QUIET
).with_label("marts changed and every blocking check passed")
MEMBERSHIP_CHANGED = (
    dg.AutomationCondition.any_deps_match(
        dg.AutomationCondition.data_version_changed()
    ).since_last_handled()
    & _CHECKED_AND_QUIET
).with_label("segment membership changed and every blocking check passed")

stripe_pipeline_job = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="Everything once: sync, compute, check, publish, export.",
)

# Stopped until a user starts it: opening the UI must not start to read a real account.
reconcile_weekly = dg.ScheduleDefinition(
    name="reconcile_weekly",
    job=reconcile_job,
    cron_schedule="30 3 * * 0",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Runs the job `reconcile` on Sundays at 03:30 UTC. Start it in the UI.",
)

# Running by default: it never reads Stripe, only follows up on a user's materializations, and
# writes files, which are dry runs until STRIPE_PIPELINE_LIVE_SENDS=on.
segment_membership_changed = dg.AutomationConditionSensorDefinition(
    name="segment_membership_changed",
    target=dg.AssetSelection.assets("published", "email_export", "sms_export", "push_export"),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description=(
        "Waits until the marts changed and every blocking check passed, and requests `published`; "
        "then, if that says that a customer entered or left a segment, the exports."
    ),
)
