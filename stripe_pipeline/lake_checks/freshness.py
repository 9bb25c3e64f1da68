"""How recent the lake's copy of a Stripe resource is."""

from datetime import UTC, datetime, timedelta

from stripe_pipeline.ingestion.mirror.cursors import recorded_cursor
from stripe_pipeline.ingestion.updates.following import EVENTS
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake_checks.verdict import Verdict

# A sync that finds nothing records so only once a day; two hours more are for the sync itself.
STALE_AFTER = timedelta(hours=26)


def verified_at(lake: Lake, resource: str) -> datetime | None:
    """Return when the resource was last known to match Stripe; None if never.

    That is when events were last followed for it, or when its last full read began.
    """
    cursor, events = recorded_cursor(lake, resource), recorded_cursor(lake, EVENTS.name)
    instants = [cursor.complete.started_at] if cursor and cursor.complete else []
    if events and events.changes and resource in events.changes.resources:
        instants.append(events.changes.listed_at)
    return datetime.fromtimestamp(max(instants), UTC) if instants else None


def freshness_verdict(verified: datetime | None, as_of: datetime, now: datetime) -> Verdict:
    """Judge whether a run as of an instant sees all that happened until then.

    For a run as of the past, data of that time is fresh enough; for one as of the future, data of
    the present.
    """
    if verified is None:
        return Verdict(False, "Never read completely yet; `stripe-pipeline sync` does it.")
    lag = max(min(as_of, now) - verified, timedelta())
    numbers = {"verified_at": verified, "lag_seconds": round(lag.total_seconds())}
    hours = lag.total_seconds() / 3600
    if not lag:
        return Verdict(True, "Complete up to the as-of instant.", numbers)
    if lag <= STALE_AFTER:
        return Verdict(True, f"Complete up to {hours:.1f} hours before the as-of instant.", numbers)
    return Verdict(
        False,
        f"Last brought up to date {hours:.0f} hours before the as-of instant; run "
        "`stripe-pipeline sync`, and see whether the schedule is on and its runs succeed.",
        numbers,
    )
