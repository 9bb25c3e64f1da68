"""Runs that a killed web UI left under way are closed, and their places in the pools are free."""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.orchestration.lost_runs import (
    IN_PROCESS_TAG,
    close_lost_runs,
    close_lost_runs_without_ui,
)
from stripe_pipeline.orchestration.runs import dagster_instance
from stripe_pipeline.orchestration.waiting import logging_waits, waits
from stripe_pipeline.servers.only_one import only_one
from stripe_pipeline.settings import load_settings


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dagster_instance(load_settings(STRIPE_PIPELINE_HOME=tmp_path)) as opened:
        opened.event_log_storage.initialize_concurrency_limit_to_default("duckdb")
        yield opened


@dg.op(pool="duckdb")
def step() -> None:
    """Take a place in the pool."""


@dg.job
def work() -> None:
    """One step."""
    step()


def run_in(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, **tags: str) -> str:
    return instance.create_run_for_job(work, status=status, tags=tags).run_id


@pytest.mark.parametrize(
    "status",
    [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING],
)
def test_a_run_under_way_is_closed(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    run_id = run_in(instance, status)
    storage = instance.event_log_storage
    assert storage.claim_concurrency_slot("duckdb", run_id, "step").is_claimed
    assert close_lost_runs(instance) == 1
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status == dg.DagsterRunStatus.FAILURE
    events = [record.get_dagster_event() for record in instance.all_logs(run_id)]
    assert any("the web UI was stopped or killed" in (event.message or "") for event in events)
    assert storage.claim_concurrency_slot("duckdb", "another", "step").is_claimed


@pytest.mark.parametrize(
    ("status", "tags"),
    [
        (dg.DagsterRunStatus.STARTED, {IN_PROCESS_TAG: "true"}),
        (dg.DagsterRunStatus.NOT_STARTED, {}),
        (dg.DagsterRunStatus.SUCCESS, {}),
        (dg.DagsterRunStatus.CANCELED, {}),
    ],
)
def test_others_are_left_alone(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, tags: dict[str, str]
) -> None:
    run_id = run_in(instance, status, **tags)
    assert close_lost_runs(instance) == 0
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status == status


def test_a_ui_that_runs_keeps_its_runs(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run_in(instance, dg.DagsterRunStatus.STARTED)
    folder = tmp_path / "dagster"
    with only_one(folder, "http://127.0.0.1:1"):
        assert close_lost_runs_without_ui(instance, folder) == 0
    assert close_lost_runs_without_ui(instance, folder) == 1


def test_a_run_that_waits_for_another_says_so(
    instance: dg.DagsterInstance, caplog: pytest.LogCaptureFixture
) -> None:
    storage = instance.event_log_storage
    storage.claim_concurrency_slot("duckdb", "0123456789", "dbt")
    storage.claim_concurrency_slot("duckdb", "the-run", "dbt")
    sentence = (
        "Waiting for the warehouse, which run 01234567 is using; this run goes on when that step "
        "has ended. See it in the web UI (`make ui`), or terminate it there."
    )
    assert waits(instance, "the-run") == [sentence]
    assert waits(instance, "0123456789") == []
    with caplog.at_level("INFO"), logging_waits(instance, "the-run", every=0.01):
        while sentence not in caplog.messages:
            time.sleep(0.01)


def test_a_run_that_waits_for_itself_says_nothing(instance: dg.DagsterInstance) -> None:
    for step_key in ("dbt", "published"):
        instance.event_log_storage.claim_concurrency_slot("duckdb", "the-run", step_key)
    assert waits(instance, "the-run") == []
