"""What Dagster loads: every definition, named one by one."""

import dagster as dg

from stripe_pipeline.defs.activation import email_export, published, sms_export
from stripe_pipeline.defs.automation import (
    reconcile_weekly,
    segment_membership_changed,
    stripe_pipeline_job,
)
from stripe_pipeline.defs.deliveries import read_deliveries, webhooks_received
from stripe_pipeline.defs.ingestion import stripe
from stripe_pipeline.defs.lake_logs import lake_logs
from stripe_pipeline.defs.polling import poll_stripe
from stripe_pipeline.defs.reconciliation import reconcile_job
from stripe_pipeline.defs.stripe_checks import stripe_checks
from stripe_pipeline.defs.transformation import dbt_models, resources

definitions = dg.Definitions(
    assets=[stripe, *lake_logs, dbt_models, published, email_export, sms_export],
    asset_checks=[stripe_checks],
    jobs=[stripe_pipeline_job, reconcile_job, read_deliveries],
    schedules=[poll_stripe, reconcile_weekly],
    sensors=[segment_membership_changed, webhooks_received],
    resources=resources,
)
