"""The misbehaving network, and the server's start and stop."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from stripe_pipeline.demo.store import DEMO_KEY, Faults, Options, Store, serve
from stripe_pipeline.demo.store.__main__ import app
from tests.variants import variants

HEADERS = {"Authorization": f"Bearer {DEMO_KEY}"}
MODULE = [sys.executable, "-m", "stripe_pipeline.demo.store"]


def test_a_global_limit(store: Store) -> None:
    with (
        serve(store, faults=Faults(rate_limit=5)) as address,
        # One connection: opening eight can take a busy machine longer than the second that counts.
        httpx.Client(headers=HEADERS) as client,
    ):
        answers = [client.get(f"{address}/v1/coupons") for _ in range(8)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].headers["stripe-rate-limited-reason"] == "global-rate"
        assert refused[0].json()["error"]["code"] == "rate_limit"
        assert refused[0].headers["request-id"].startswith("req_")
        time.sleep(1.05)
        assert client.get(f"{address}/v1/coupons").status_code == 200


def test_a_limit_for_each_endpoint(store: Store) -> None:
    with serve(store, faults=Faults(endpoint_rate_limit=2)) as address:
        answers = [httpx.get(f"{address}/v1/coupons", headers=HEADERS) for _ in range(4)]
        assert answers[-1].headers["stripe-rate-limited-reason"] == "endpoint-rate"
        assert httpx.get(f"{address}/v1/products", headers=HEADERS).status_code == 200


def test_a_nested_list_is_an_endpoint_of_its_own(store: Store) -> None:
    with serve(store, faults=Faults(endpoint_rate_limit=1)) as address:
        paths = ("invoices", "invoices/in_1", "invoices/in_1/lines", "invoices/in_2/lines")
        answers = [httpx.get(f"{address}/v1/{path}", headers=HEADERS) for path in paths]
        assert [answer.status_code == 429 for answer in answers] == [False, True, False, True]
        sessions = ("checkout/sessions", "checkout/sessions/cs_1/line_items")
        answers = [httpx.get(f"{address}/v1/{path}", headers=HEADERS) for path in sessions]
        assert [answer.status_code == 429 for answer in answers] == [False, False]


@pytest.mark.parametrize(
    ("faults", "status", "kind"),
    [
        (Faults(too_fast=1), 429, "application/json"),
        (Faults(locked=1), 429, "application/json"),
        (Faults(server_error=1), 500, "application/json"),
        (Faults(bad_gateway=1), 502, "text/html"),
    ],
)
def test_answers_that_are_failures(store: Store, faults: Faults, status: int, kind: str) -> None:
    with serve(store, faults=faults) as address:
        answer = httpx.get(f"{address}/v1/coupons", headers=HEADERS)
    assert answer.status_code == status
    assert answer.headers["content-type"] == kind
    if faults.locked:
        assert answer.json()["error"]["code"] == "lock_timeout"
        assert "stripe-rate-limited-reason" not in answer.headers


@pytest.mark.parametrize("faults", [Faults(reset=1), Faults(half_body=1)])
def test_connections_that_break(store: Store, faults: Faults) -> None:
    with serve(store, faults=faults) as address:
        for _ in range(3):
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                httpx.get(f"{address}/v1/coupons", headers=HEADERS)


def test_latency(store: Store) -> None:
    with serve(store, faults=Faults(latency=0.2)) as address:
        begun = time.monotonic()
        httpx.get(f"{address}/v1/coupons", headers=HEADERS)
    assert time.monotonic() - begun >= 0.2


def test_faults_come_as_often_as_asked(store: Store) -> None:
    faults = Faults(server_error=0.3, bad_gateway=0.2, seed=4)
    with serve(store, faults=faults) as address, httpx.Client(headers=HEADERS) as client:
        statuses = [client.get(f"{address}/v1/coupons").status_code for _ in range(200)]
    assert 0.2 < statuses.count(500) / 200 < 0.4
    assert 0.05 < statuses.count(502) / 200 < 0.25


def test_the_server_is_gone_afterwards(store: Store) -> None:
    with serve(store) as address:
        assert httpx.get(f"{address}/v1/coupons", headers=HEADERS).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/v1/coupons", headers=HEADERS)


def test_requests_are_recorded(store: Store) -> None:
    requests: list[str] = []
    with serve(store, Options(requests=requests)) as address:
        httpx.get(f"{address}/v1/coupons?limit=3", headers=HEADERS)
    assert requests == ["/v1/coupons?limit=3"]


def test_new_events_are_listed_late(store: Store) -> None:
    with serve(store, Options(event_lag=3_600)) as address:
        found = httpx.get(f"{address}/v1/events", headers=HEADERS).json()["data"]
    assert found[0]["created"] <= store.now - 3_600


@variants("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    command = [*MODULE, "--customers", "20", "--port", "0", "--files", str(tmp_path)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip().removeprefix("STRIPE_API_BASE=")
        key = process.stdout.readline().strip().removeprefix("STRIPE_API_KEY=")
        answer = httpx.get(f"{address}/v1/customers", auth=(key, ""))
        assert answer.status_code == 200
        process.send_signal(stop)
        assert process.wait(10) == 0
    left = {"consents.csv", "exchange_rates.csv", "person_overrides.csv"}
    assert {path.name for path in tmp_path.iterdir()} == left


@pytest.mark.parametrize(
    "arguments", [["--customers", "0"], ["--customers", "many"], ["--port", "70000"]]
)
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert "Invalid value" in done.output


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(app, ["--customers", "1", "--port", port])
    assert done.exit_code == 2
    assert done.stderr.strip() == (
        f"Port {port} can't be used (Address already in use); name another with --port."
    )


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(app, ["--files", str(tmp_path / "file")])
    assert done.exit_code == 2
    assert done.stderr.strip() == (
        f"{tmp_path / 'file'} can't be written (File exists); name another folder with --files."
    )


def test_help_shows_an_example() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert done.exit_code == 0
    assert "Example: python -m stripe_pipeline.demo.store" in done.output
