"""Drift that the newest reconciliation found holds what goes out, and a clean one lifts that."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.lake_checks.drift import drift_verdict, newest_reconciliations, refuse_drift
from stripe_pipeline.settings import Settings, load_settings

SUNDAY = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(STRIPE_PIPELINE_HOME=tmp_path)


def record(settings: Settings, resource: str, weeks: int = 0, **found: int) -> None:
    counts = ("missing", "stale", "surplus", "cosmetic", "changed", "repaired", "requests")
    row: dict[str, Any] = {"resource": resource, "compared": 1000} | dict.fromkeys(counts, 0)
    row |= {"examples": ["stale in_1"], "reconciled_at": SUNDAY + timedelta(weeks=weeks)}
    rows = entries("reconciliations", [row | found])
    Lake(settings.lake).append("reconciliations", rows, {})


def test_nothing_is_held_before_anything_was_compared(settings: Settings) -> None:
    refuse_drift(settings)
    assert drift_verdict(None).passed


def test_drift_holds_and_says_what_to_do(settings: Settings) -> None:
    record(settings, "charges")
    record(settings, "invoices", stale=2, missing=1)
    with pytest.raises(PipelineError) as held:
        refuse_drift(settings)
    sentence = str(held.value)
    assert "(invoices: 1 missing, 2 stale)" in sentence
    assert "2026-11-22 03:30 UTC" in sentence
    assert "run `stripe-pipeline reconcile` again" in sentence
    assert "charges" not in sentence
    verdict = drift_verdict(newest_reconciliations(Lake(settings.lake))["invoices"])
    assert not verdict.passed
    assert verdict.numbers["stale"] == 2
    assert verdict.numbers["examples"] == "stale in_1"


@pytest.mark.parametrize("kind", ["cosmetic", "changed"])
def test_what_is_no_drift_holds_nothing(settings: Settings, kind: str) -> None:
    record(settings, "invoices", **{kind: 5})
    refuse_drift(settings)


def test_a_clean_comparison_lifts_it_and_another_one_doesnt(settings: Settings) -> None:
    record(settings, "invoices", surplus=1)
    record(settings, "charges", weeks=1)
    with pytest.raises(PipelineError):
        refuse_drift(settings)
    record(settings, "invoices", weeks=1)
    refuse_drift(settings)
    assert drift_verdict(newest_reconciliations(Lake(settings.lake))["invoices"]).passed


def test_what_the_key_cannot_read_any_more_holds_nothing(settings: Settings) -> None:
    record(settings, "invoices", surplus=1)
    row = {"resource": "invoices", "is_readable": False, "permission": "x", "checked_at": SUNDAY}
    Lake(settings.lake).append("resource_access", entries("resource_access", [row]), {})
    refuse_drift(settings)
