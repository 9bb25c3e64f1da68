"""Steer runs in Dagster's web UI by the requests that its buttons make."""

import time
from collections.abc import Callable
from typing import Any

from .dagster_ui import RUN_SECONDS, Ui

_SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "stripe_pipeline"}
_TERMINATE = """
    mutation($id: String!) { terminateRun(runId: $id) {
        __typename ... on PythonError { message } ... on TerminateRunFailure { message }
    } }
"""
_REEXECUTE = """
    mutation($params: ReexecutionParams!) { launchRunReexecution(reexecutionParams: $params) {
        __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
    } }
"""
_LAUNCH = """
    mutation($params: ExecutionParams!) { launchPipelineExecution(executionParams: $params) {
        __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
    } }
"""
_MESSAGES = """
    query($id: ID!) { logsForRun(runId: $id) { ... on EventConnection { events {
        __typename
        ... on MessageEvent { message stepKey }
        ... on ExecutionStepFailureEvent { error { message cause { message } } }
    } } } }
"""
_START = """
    mutation($selector: ScheduleSelector!) { startSchedule(scheduleSelector: $selector) {
        __typename ... on PythonError { message }
    } }
"""


def launch(ui: Ui, *keys: str) -> str:
    """Materialize assets, named as `stripe/charges`; returns the run's id."""
    selection = [{"path": key.split("/")} for key in keys]
    selector = {**_SELECTOR, "pipelineName": "__ASSET_JOB", "assetSelection": selection}
    return _launched(ui.ask(_LAUNCH, params={"selector": selector, "mode": "default"}))


def launch_job(ui: Ui, job: str) -> str:
    """Start a job; returns the run's id."""
    selector = {**_SELECTOR, "pipelineName": job}
    return _launched(ui.ask(_LAUNCH, params={"selector": selector, "mode": "default"}))


def terminate(ui: Ui, run: str) -> None:
    """Press Terminate."""
    answer = ui.ask(_TERMINATE, id=run)["terminateRun"]
    assert answer["__typename"] == "TerminateRunSuccess", answer


def reexecute(ui: Ui, run: str, strategy: str) -> str:
    """Press Re-execute, ALL_STEPS or FROM_FAILURE; returns the new run's id."""
    return _launched(ui.ask(_REEXECUTE, params={"parentRunId": run, "strategy": strategy}))


def _launched(answer: dict[str, Any]) -> str:
    [launched] = answer.values()
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run: str = launched["run"]["runId"]
    return run


def start_schedule(ui: Ui, name: str) -> None:
    """Switch a schedule on."""
    answer = ui.ask(_START, selector={**_SELECTOR, "scheduleName": name})["startSchedule"]
    assert answer["__typename"] == "ScheduleStateResult", answer


def ended(ui: Ui, run: str) -> str:
    """Wait until a run has ended; returns its status."""
    return str(until(lambda: _status_at_the_end(ui, run)))


def _status_at_the_end(ui: Ui, run: str) -> str | None:
    [found] = [each for each in ui.runs() if each["runId"] == run]
    status: str = found["status"]
    return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None


def events(ui: Ui, run: str) -> list[dict[str, Any]]:
    """The events that the page of a run shows."""
    found: list[dict[str, Any]] = ui.ask(_MESSAGES, id=run)["logsForRun"]["events"]
    return found


def until(happened: Callable[[], object], seconds: float = RUN_SECONDS) -> object:
    """Wait until something is true; returns it."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < end, "it didn't happen in time"
        time.sleep(0.3)
    return found
