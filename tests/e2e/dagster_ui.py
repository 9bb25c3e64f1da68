"""Serve Dagster's web UI as `make ui` does, ask its API, and drive it in a real browser."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from ..conftest import clean_environment

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 180
RUN_SECONDS = 420

_RUNS = """
    { runsOrError { ... on Runs { results {
        runId status tags { key value }
        stepStats { stepKey status attempts { startTime } }
    } } } }
"""
_ASSETS = """
    { assetNodes { assetKey { path } isMaterializable } }
"""
_LAUNCH = """
    mutation($params: ExecutionParams!) {
        launchPipelineExecution(executionParams: $params) {
            __typename
            ... on LaunchRunSuccess { run { runId } }
            ... on PythonError { message }
        }
    }
"""


def free_port() -> int:
    """A port on loopback that no one uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Ui:
    """A running web UI."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask the API that the UI itself uses."""
        answer = httpx.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60
        ).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def runs(self) -> list[dict[str, Any]]:
        """Every run that the home folder knows, newest first."""
        results: list[dict[str, Any]] = self.ask(_RUNS)["runsOrError"]["results"]
        return results

    def asset_keys(self) -> list[str]:
        """Everything that can be materialized, as `stripe/charges`."""
        nodes = self.ask(_ASSETS)["assetNodes"]
        return ["/".join(node["assetKey"]["path"]) for node in nodes if node["isMaterializable"]]

    def materialize_all(self) -> None:
        """Start the run that the button "Materialize all" starts."""
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "stripe_pipeline",
            "pipelineName": "__ASSET_JOB",
            "assetSelection": [{"path": key.split("/")} for key in self.asset_keys()],
        }
        params = {"selector": selector, "mode": "default", "runConfigData": "{}"}
        launched = self.ask(_LAUNCH, params=params)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched

    def wait_for_new_run(self, before: set[str]) -> dict[str, Any]:
        """Wait until the one run that isn't in `before` has ended; return it."""
        until = time.monotonic() + RUN_SECONDS
        while time.monotonic() < until:
            new = [run for run in self.runs() if run["runId"] not in before]
            if new and new[0]["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return new[0]
            time.sleep(1)
        raise AssertionError(f"no new run ended within {RUN_SECONDS} seconds")


@contextmanager
def serving(home: Path, log: Path, settings: Mapping[str, str] | None = None) -> Iterator[Ui]:
    """Run `stripe-pipeline ui` on a home folder until the block ends; nothing is left behind."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            # A script that starts it in the background has it ignore Ctrl-C.
            ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *_command(port)],
            env={**clean_environment(), **(settings or {}), "STRIPE_PIPELINE_HOME": str(home)},
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        ui = Ui(f"http://127.0.0.1:{port}")
        _wait_until(lambda: _is_up(ui), process, log)
        yield ui
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    _wait_until(lambda: not _members(process.pid), None, log)


def _command(port: int) -> list[str]:
    return [sys.executable, "-m", "stripe_pipeline.cli", "ui", "--port", str(port)]


def _is_up(ui: Ui) -> bool:
    try:
        found = ui.ask(
            "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus } } } }"
        )
    except httpx.TransportError:
        return False
    entries = found["workspaceOrError"]["locationEntries"]
    return bool(entries) and entries[0]["loadStatus"] == "LOADED"


def _wait_until(
    happened: Callable[[], bool], process: subprocess.Popen[bytes] | None, log: Path
) -> None:
    until = time.monotonic() + START_SECONDS
    while not happened():
        assert process is None or process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.5)


def _members(session: int) -> list[int]:
    """The processes of a session that are alive, from Linux's /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


@contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CHROMIUM_FLAGS, *flags]
        )
        try:
            yield started
        finally:
            started.close()


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of a headless Chromium, wide enough for the asset graph."""
    with browser() as started:
        yield started.new_page(viewport={"width": 1800, "height": 1100})


def click_materialize_all(page: Page, url: str) -> None:
    """Open the asset graph and press the button, as a person does."""
    page.goto(f"{url}/asset-groups", wait_until="load")
    page.get_by_text(re.compile("^Materialize all")).first.click(timeout=120_000)
