"""Dagster's web UI and the dbt docs, served on loopback until somebody stops them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType

import msgspec
import typer

from stripe_pipeline.demo import demo_store, is_demo, readers_settings
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.orchestration.runs import prepare_dagster_home
from stripe_pipeline.profiles.descriptions import of_metadata
from stripe_pipeline.settings import PROJECT_ROOT, Settings
from stripe_pipeline.signals import answering
from stripe_pipeline.surroundings import clean_environment
from stripe_pipeline.warehouse.transform import (
    DBT_PROJECT,
    dbt_executable,
    dbt_process_environment,
    prepare_manifest,
    wait_for_warehouse,
)

HOST = "127.0.0.1"
_END_SECONDS = 30.0
STATIC_DOCS = "static_index.html"
_PROFILES = "model.stripe_pipeline.customer_profiles"
# dbt's page shows the first ten letters of what a column means, and the rest only after a click.
_WHOLE_MEANINGS = """<style>
column-details table { font-size: 90%; }
column-details th:nth-child(-n+2) { width: 1px; }
column-details th:nth-child(4), tr.column-row > td:nth-child(4) { display: none; }
tr.column-row > td { vertical-align: top; padding: 8px !important; }
tr.column-row > td:nth-child(3) { width: 100%; min-width: 22em; }
tr.column-row > td:nth-child(3) { white-space: normal !important; max-width: none !important; }
</style>"""


def serve_ui(port: int) -> None:
    """Run `dagster dev` on the current home; on the demo's home, with the demo store beside it.

    Raises:
        PipelineError: the port is taken, or the home folder can't be written.
    """
    settings = readers_settings()
    _require_free(port)
    folder = prepare_dagster_home(settings)
    prepare_manifest(settings)
    with demo_store(settings.home) if is_demo(settings.home) else nullcontext():
        typer.echo(f"Dagster's web UI starts at http://{HOST}:{port} (home folder {settings.home})")
        environment = {
            **clean_environment(os.environ),
            "DAGSTER_HOME": str(folder),
            "STRIPE_PIPELINE_HOME": str(settings.home),
        }
        _run_until_stopped(_dagster_dev(port), environment, folder)


def _dagster_dev(port: int) -> list[str]:
    dagster = str(Path(sys.executable).with_name("dagster"))
    workspace = str(PROJECT_ROOT / "workspace.yaml")
    return [dagster, "dev", "--workspace", workspace, "--host", HOST, "--port", str(port)]


def _run_until_stopped(command: list[str], environment: dict[str, str], folder: Path) -> None:
    """Run a command in a folder until it ends or this process is told to stop; leave nothing.

    Dagster lets a `.env` of the folder where it starts win over the environment, so that isn't
    the project's.
    """
    with _stopping_on_signals():
        process = subprocess.Popen(command, env=environment, cwd=folder)
        try:
            code = process.wait()
        except KeyboardInterrupt:
            return
        finally:
            _end(process)
    if code:
        raise PipelineError(f"Dagster's web UI ended with code {code}; its last lines say why.")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and don't ask for ever."""
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Let SIGTERM end a block as Ctrl-C does, so that its clean-up runs.

    Ctrl-C's own handler is set too: a script that starts a command in the background has it
    ignored, and Dagster would then ignore both.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with answering(stop, signal.SIGINT, signal.SIGTERM):
        yield


def serve_docs(port: int) -> None:
    """Build the dbt docs as one static page and serve it.

    Raises:
        PipelineError: nothing has been computed yet, the port is taken, or dbt failed.
    """
    settings = readers_settings()
    _require_free(port)
    folder = build_docs(settings)
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with _stopping_on_signals(), ThreadingHTTPServer((HOST, port), handler) as server:
        typer.echo(f"The dbt docs are at http://{HOST}:{port} until Ctrl-C ({folder}/index.html)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def build_docs(settings: Settings) -> Path:
    """Write the dbt docs to `<home>/docs/index.html`, everything in one page; return the folder.

    Raises:
        PipelineError: nothing has been computed yet, or dbt failed.
    """
    if not settings.warehouse.exists():
        raise PipelineError(
            f"There is no warehouse {settings.warehouse} yet; run `make demo` or "
            "`stripe-pipeline run` first."
        )
    wait_for_warehouse(settings)
    environment = dbt_process_environment(settings, settings.as_of or datetime.now(UTC))
    result = subprocess.run(
        [dbt_executable(), "--quiet", "docs", "generate", "--static"],
        env=environment, cwd=DBT_PROJECT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if result.returncode:
        raise PipelineError("dbt can't build the docs: " + " ".join(result.stdout.split())[-1500:])
    folder = settings.home / "docs"
    folder.mkdir(exist_ok=True)
    page = describe_metadata(settings, Path(environment["DBT_TARGET_PATH"]))
    page = page.replace("</head>", f"{_WHOLE_MEANINGS}</head>", 1)
    (folder / "index.html").write_text(page, encoding="utf-8")
    return folder


def describe_metadata(settings: Settings, target: Path) -> str:
    """The page, with what the fields mean that a setting adds: dbt knows their names and types."""
    page = (target / STATIC_DOCS).read_text(encoding="utf-8")
    text = (target / "manifest.json").read_text(encoding="utf-8")
    manifest = msgspec.json.decode(text)
    columns = manifest["nodes"][_PROFILES]["columns"]
    for column, key in settings.metadata_columns.items():
        columns[column] = {
            "name": column, "description": of_metadata(key), "data_type": "varchar", "meta": {},
            "tags": [],
        }  # fmt: skip
    return page.replace(text, msgspec.json.encode(manifest).decode(), 1)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PipelineError(
                f"Port {port} on {HOST} is taken; stop what uses it, or choose another with --port."
            ) from None
