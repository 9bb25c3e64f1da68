"""Asset checks on `stripe/<resource>`, which read the lake and make no requests to Stripe."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import duckdb

from stripe_pipeline.defs.ingestion import stripe_key
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.mirror import access
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake_checks import Verdict
from stripe_pipeline.lake_checks.drift import drift_verdict, newest_reconciliations
from stripe_pipeline.lake_checks.freshness import freshness_verdict, verified_at
from stripe_pipeline.lake_checks.references import (
    REFERENCES,
    REFERRING,
    Adrift,
    Counts,
    count_references,
    find_adrift,
    references_verdict,
)
from stripe_pipeline.lake_checks.uniqueness import uniqueness_verdict
from stripe_pipeline.orchestration.runs import run_as_of
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_client.catalog import RESOURCES

DRIFT = "reconcile_drift"
_FRESH, _UNIQUE, _REFERENCES = "fresh", "unique", "references"
_DESCRIPTIONS = {
    _FRESH: (
        "The lake was brought up to date at most 26 hours before the instant that the run computes "
        "for. A warning."
    ),
    _UNIQUE: "Each id stands for one object, of which one version is the newest.",
    _REFERENCES: (
        "What these objects refer to is there: at most one in a thousand ids may stand for nothing "
        "(Stripe itself has orphans), and each refund and dispute is of a payment. A resource that "
        "the key can't read isn't missed. A warning."
    ),
    DRIFT: (
        "The newest `stripe-pipeline reconcile` found every id and amount as Stripe lists it. "
        "While it didn't, nothing is published or exported. Says what was recorded then; the job "
        "`reconcile` compares again."
    ),
}
_SERIOUS = {_UNIQUE, DRIFT}


def _specs() -> Iterator[dg.AssetCheckSpec]:
    for resource in RESOURCES:
        for name in (_FRESH, _UNIQUE, DRIFT):
            yield _spec(resource.name, name)
    for name in REFERRING:
        # Counted in staging, so that no body has to be parsed again.
        about = {name, *(each.target for each in REFERENCES if each.resource == name)}
        staging = [dg.AssetKey(["staging", f"stg_stripe__{each}"]) for each in sorted(about)]
        yield _spec(name, _REFERENCES, staging)


def _spec(resource: str, name: str, reads: list[dg.AssetKey] | None = None) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name,
        asset=stripe_key(resource),
        description=_DESCRIPTIONS[name],
        additional_deps=reads or [],
    )


@dg.multi_asset_check(name="stripe_checks", specs=list(_specs()), can_subset=True, pool="duckdb")
def stripe_checks(
    context: dg.AssetCheckExecutionContext, home: dg.ResourceParam[Home]
) -> Iterator[dg.AssetCheckResult]:
    """Judge the current lake; reads no object's body, and makes no requests to Stripe."""
    settings = home.settings
    keys = sorted(context.selected_asset_check_keys)
    referring = {key.asset_key.path[-1] for key in keys if key.name == _REFERENCES}
    counts, adrift = count_references(settings, referring), find_adrift(settings, referring)
    with duckdb.connect() as connection:
        judge = _Judge(connection, settings, run_as_of(context, settings), counts, adrift)
        for key in keys:
            yield check_result(key, judge.verdict(key.asset_key.path[-1], key.name))


class _Judge:
    """The checks of one run, with the state that they share."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        as_of: datetime,
        references: Counts,
        adrift: Adrift,
    ) -> None:
        self._connection, self._references, self._adrift = connection, references, adrift
        self._lake, self._as_of, self._now = Lake(settings.lake), as_of, datetime.now(UTC)
        self._reconciled = newest_reconciliations(self._lake)
        self._readable = access.readable(self._lake)

    def verdict(self, resource: str, check: str) -> Verdict:
        """Judge one resource."""
        if check == _FRESH:
            return freshness_verdict(verified_at(self._lake, resource), self._as_of, self._now)
        if check == DRIFT:
            return drift_verdict(self._reconciled.get(resource))
        if check == _UNIQUE:
            return uniqueness_verdict(self._connection, self._lake, resource)
        return references_verdict(self._references, resource, self._readable, self._adrift)


def check_result(key: dg.AssetCheckKey, verdict: Verdict) -> dg.AssetCheckResult:
    """Convert a verdict to a Dagster check result; only what may block the sends is an error."""
    severity = dg.AssetCheckSeverity.ERROR if key.name in _SERIOUS else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        check_name=key.name,
        asset_key=key.asset_key,
        passed=verdict.passed,
        severity=severity,
        description=verdict.sentence,
        metadata={name: _shown(value) for name, value in verdict.numbers.items()},
    )


def _shown(value: Any) -> Any:
    return dg.MetadataValue.timestamp(value) if isinstance(value, datetime) else value
