"""The weekly job in Dagster: each resource's check says what the comparison found."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.defs.reconciliation import reconcile_job
from stripe_pipeline.demo.home import demo_settings
from stripe_pipeline.demo.store import build_store, serve
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.stripe_client.catalog import RESOURCES

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """The settings of a home that mirrors a small store."""
    with build_store(50, 7, NOW) as store, serve(store) as url:
        settings = load_settings(demo_settings(tmp_path / "home", url))
        sync(settings)
        yield settings


def evaluations(instance: dg.DagsterInstance) -> dict[str, dg.AssetCheckEvaluation]:
    keys = [
        dg.AssetCheckKey(dg.AssetKey(["stripe", each.name]), "reconcile_drift")
        for each in RESOURCES
    ]
    found = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    return {
        key.asset_key.path[-1]: record.evaluation
        for key, record in found.items()
        if record.evaluation is not None
    }


def test_each_check_says_what_was_found(settings: Settings) -> None:
    resources = {"home": Home.of(settings)}
    with dg.DagsterInstance.ephemeral() as instance:
        assert reconcile_job.execute_in_process(instance=instance, resources=resources).success
        clean = evaluations(instance)
        assert {name: each.passed for name, each in clean.items()} == {
            each.name: True for each in RESOURCES
        }
        shutil.rmtree(settings.lake / "invoices")
        result = reconcile_job.execute_in_process(instance=instance, resources=resources)
        drifted = evaluations(instance)
        assert [name for name, each in drifted.items() if not each.passed] == ["invoices"]
        check = drifted["invoices"]
        assert check.severity == dg.AssetCheckSeverity.ERROR
        assert check.metadata["missing"].value == check.metadata["compared"].value
        observed = {
            event.asset_key.path[-1]
            for event in result.all_events
            if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION and event.asset_key
        }
        assert observed == {each.name for each in RESOURCES}
        assert reconcile_job.execute_in_process(instance=instance, resources=resources).success
        assert all(each.passed for each in evaluations(instance).values())
