"""Runs that a killed web UI left under way are closed, and their places in the pools are free."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.orchestration.lost_runs import close_lost_runs
from stripe_pipeline.orchestration.runs import IN_PROCESS_TAG, dagster_instance
from stripe_pipeline.settings import load_settings


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dagster_instance(load_settings(STRIPE_PIPELINE_HOME=tmp_path)) as opened:
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
    messages = [record.user_message for record in instance.all_logs(run_id)]
    assert any("the web UI was stopped or killed" in message for message in messages)
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
