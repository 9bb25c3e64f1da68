"""Dagster's own application behind the guard: what it would do for a foreign page, it doesn't."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from stripe_pipeline.orchestration.runs import dagster_instance
from stripe_pipeline.servers.dagster_app import dagster_app
from stripe_pipeline.servers.graphql import METHODS, refuse_unsafe
from stripe_pipeline.servers.guard import Guard
from stripe_pipeline.servers.names import own_names
from stripe_pipeline.settings import load_settings

from .asking import ask, serving

OWN = "Host: 127.0.0.1:PORT"
JSON = "Content-Type: application/json"
MUTATION = 'mutation{setConcurrencyLimit(concurrencyKey:"NAME",limit:7)}'
LIMITS = "{instance{concurrencyLimits{concurrencyKey}}}"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The application without a code server, which the API works without."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "code.sock").touch()
    server = {"socket": str(folder / "code.sock"), "location_name": "absent"}
    workspace = folder / "workspace.yaml"
    workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
    with (
        warnings.catch_warnings(action="ignore"),
        dagster_instance(load_settings(STRIPE_PIPELINE_HOME=folder / "home")) as instance,
        dagster_app(instance, Path(workspace)) as app,
        serving(Guard(app, own_names("127.0.0.1"), METHODS, refuse_unsafe)) as port,
    ):
        yield port


def limits(port: int) -> str:
    body = json.dumps({"query": LIMITS})
    answer = ask(port, f"POST /graphql HTTP/1.1\n{OWN}\n{JSON}", body)
    assert answer.status == 200
    return answer.body


def test_a_change_by_json_is_executed(port: int) -> None:
    body = json.dumps({"query": MUTATION.replace("NAME", "mine")})
    answer = ask(port, f"POST /graphql HTTP/1.1\n{OWN}\n{JSON}", body)
    assert (answer.status, json.loads(answer.body)) == (
        200,
        {"data": {"setConcurrencyLimit": True}},
    )
    assert "mine" in limits(port)


@pytest.mark.parametrize("lines", [OWN, f"{OWN}\nContent-Type: text/plain; a=application/json"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_change_that_a_foreign_page_can_send_is_not(port: int, method: str, lines: str) -> None:
    query = MUTATION.replace("NAME", "theirs")
    body = json.dumps({"query": query}) if method == "POST" else ""
    answer = ask(port, f"{method} /graphql?query={query} HTTP/1.1\n{lines}", body)
    assert answer.status in (405, 415)
    assert "theirs" not in limits(port)


@pytest.mark.parametrize(
    "request_",
    [
        "GET /", "GET /runs", "GET /server_info", "GET /dagit_info", "GET /graphql?query={version}",
        "GET /logs/run/compute_logs/x.out", "GET /notebook?path=a.ipynb&repoLocName=b",
        "GET /dagit/notebook", "GET /download_debug/run", "GET /favicon.svg",
        "POST /graphql", "POST /report_asset_materialization/a", "POST /report_asset_check/a",
        "POST /report_asset_observation/a",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "lines",
    ["Host: evil.example", f"{OWN}\nOrigin: http://localhost:PORT", f"{OWN}\nSec-Fetch-Site: x"],
)
def test_no_route_answers_a_foreign_page(port: int, request_: str, lines: str) -> None:
    answer = ask(port, f"{request_} HTTP/1.1\n{lines}\n{JSON}", "{}")
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers
