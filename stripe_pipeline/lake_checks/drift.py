"""The newest reconciliation of each resource, and whether its drift blocks the sends."""

from collections.abc import Mapping
from typing import Any

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.ingestion.mirror import access
from stripe_pipeline.ingestion.reconciliation.reconcile import TABLE
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake_checks.verdict import Verdict
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.values.words import counted

KINDS = ("missing", "stale", "surplus")
_COUNTS = ("compared", *KINDS, "cosmetic", "changed", "repaired", "requests")

Row = Mapping[str, Any]


def newest_reconciliations(lake: Lake) -> dict[str, Row]:
    """Return the newest row of each resource that was ever reconciled."""
    rows = (row for part in lake.read(TABLE) for row in part.to_pylist())
    return {row["resource"]: row for row in rows if row["resource"] in BY_NAME}


def drift_of(row: Row) -> int:
    """Return the number of objects that a sync should have updated and hadn't."""
    return sum(row[kind] for kind in KINDS)


def drift_verdict(row: Row | None) -> Verdict:
    """Judge the newest reconciliation of a resource; `row` is None where there was none yet."""
    if row is None:
        return Verdict(True, "Not compared with Stripe yet; `stripe-pipeline reconcile` does it.")
    numbers = {name: row[name] for name in _COUNTS} | {"reconciled_at": row["reconciled_at"]}
    when = f"{row['reconciled_at']:%Y-%m-%d %H:%M} UTC"
    drift = drift_of(row)
    if not drift:
        return Verdict(
            True, f"No drift on {when} in {counted(row['compared'], 'object')}.", numbers
        )
    sentence = (
        f"On {when} {drift:,} of {counted(row['compared'], 'object')} differed from Stripe's list "
        f"({_kinds(row)}). They are repaired; nothing is published or exported until "
        "`stripe-pipeline reconcile` finds no difference."
    )
    return Verdict(False, sentence, numbers | {"examples": ", ".join(row["examples"])})


def refuse_drift(settings: Settings) -> None:
    """Block the sends while the newest reconciliation of any readable resource found drift.

    Raises:
        PipelineError: it did; the message names the resources and the remedy.
    """
    lake = Lake(settings.lake)
    readable = access.readable(lake)
    drifted = [
        row
        for name, row in newest_reconciliations(lake).items()
        if drift_of(row) and readable.get(name, True)
    ]
    if drifted:
        found = "; ".join(f"{row['resource']}: {_kinds(row)}" for row in drifted)
        when = max(row["reconciled_at"] for row in drifted)
        raise PipelineError(
            f"Nothing is published or exported, because the comparison with Stripe on "
            f"{when:%Y-%m-%d %H:%M} UTC found objects that the lake had wrong ({found}). They are "
            "repaired: run `stripe-pipeline reconcile` again, and what it no longer finds no "
            "longer holds anything up."
        )


def _kinds(row: Row) -> str:
    return ", ".join(f"{row[kind]:,} {kind}" for kind in KINDS if row[kind])
