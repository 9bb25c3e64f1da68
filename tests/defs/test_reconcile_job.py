"""The weekly job in Dagster: each resource's check says what the comparison found."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.defs.reconciliation import reconcile_job
from stripe_pipeline.demo import demo_settings
from stripe_pipeline.demo_store import build_store, serve
from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import load_settings
from stripe_pipeline.stripe_client.catalog import RESOURCES
from stripe_pipeline.warehouse.transform import environment

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Path]:
    """The lake of a home that mirrors a small store, with the settings in the environment."""
    home = tmp_path / "home"
    with (
        build_store(50, 7, NOW) as store,
        serve(store) as url,
        environment(demo_settings(home, url)),
    ):
        settings = load_settings()
        sync(settings)
        yield settings.lake


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


def test_each_check_says_what_was_found(lake: Path) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert reconcile_job.execute_in_process(instance=instance).success
        clean = evaluations(instance)
        assert {name: each.passed for name, each in clean.items()} == {
            each.name: True for each in RESOURCES
        }
        shutil.rmtree(lake / "invoices")
        result = reconcile_job.execute_in_process(instance=instance)
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
        assert reconcile_job.execute_in_process(instance=instance).success
        assert all(each.passed for each in evaluations(instance).values())
