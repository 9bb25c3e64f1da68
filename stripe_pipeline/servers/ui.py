"""Dagster's web UI: its code server, its daemon, and its web server behind the guard."""

import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import typer
import yaml

from stripe_pipeline.demo.home import demo_store, readers_settings
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.orchestration.runs import prepare_dagster_home
from stripe_pipeline.process.environment import process_environment, without_settings
from stripe_pipeline.servers.address import Address, listen, warn_of_others
from stripe_pipeline.servers.children import Children, children
from stripe_pipeline.servers.only_one import only_one
from stripe_pipeline.servers.stopping import until_stopped
from stripe_pipeline.servers.task import Task
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.demo_mark import is_demo
from stripe_pipeline.warehouse.manifest import prepare_manifest

_MODULE = "stripe_pipeline.definitions"
_LOCATION = "stripe_pipeline"
_LOOK_SECONDS = 0.1


def serve_ui(address: Address) -> None:
    """Serve the web UI on the current home; on the demo's home, with the demo store beside it.

    Raises:
        UsageError: a name to allow isn't a host name.
        PipelineError: the port is taken, a UI runs on this home already, or it can't be written.
    """
    settings = readers_settings()
    address.own  # noqa: B018 (a name that is none is refused before anything starts)
    folder = prepare_dagster_home(settings)
    with until_stopped(), only_one(folder, address.url) as lock, listen(address) as listener:
        warn_of_others(address, "start runs and read every customer's data")
        prepare_manifest(settings)
        with _environment(settings) as environment:
            typer.echo(f"Dagster's web UI starts at {address.url} (home folder {settings.home})")
            environment = {**environment, "DAGSTER_HOME": str(folder)}
            # Not the project's folder: Dagster lets a `.env` of its working directory override the
            # environment.
            with children(environment, folder, [lock]) as processes:
                _run(processes, address, listener)


@contextmanager
def _environment(settings: Settings) -> Iterator[Mapping[str, str]]:
    """Yield the environment of Dagster's processes; in a demo's home, with its store served."""
    if is_demo(settings.home):
        with demo_store(settings.home) as values:
            yield {**without_settings(process_environment()), **values}
    else:
        yield {**process_environment(), "STRIPE_PIPELINE_HOME": str(settings.home)}


def _run(processes: Children, address: Address, listener: socket.socket) -> None:
    """Start the three processes and watch them.

    Raises:
        PipelineError: one has ended, which none is expected to do.
    """
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "code.sock"
        workspace = _workspace(Path(folder), code)
        processes.start("code server", _code_server(code))
        processes.start("web server", _web(address, workspace, listener), listener.fileno())
        listener.close()
        _wait(processes, code)
        processes.start("daemon", _daemon(workspace))
        _wait(processes)


def _wait(processes: Children, for_path: Path | None = None) -> None:
    while for_path is None or not for_path.exists():
        if ended := processes.ended():
            name, code = ended
            raise PipelineError(
                f"Dagster's {name} ended with code {code}, so the web UI has stopped; its last "
                "lines above say why. Start it again when that is mended."
            )
        time.sleep(_LOOK_SECONDS)


def _workspace(folder: Path, code: Path) -> Path:
    """Write the workspace file that points to the code server."""
    server = {"socket": str(code), "location_name": _LOCATION}
    path = folder / "workspace.yaml"
    path.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
    return path


def _code_server(code: Path) -> list[str]:
    return [
        _beside_python("dagster"), "code-server", "start", "--log-level", "warning",
        "--socket", str(code), "--module-name", _MODULE, "--location-name", _LOCATION,
    ]  # fmt: skip


def _web(address: Address, workspace: Path, listener: socket.socket) -> list[str]:
    task = Task(listener.fileno(), str(workspace), address.host, address.allowed_hosts)
    return [sys.executable, "-m", "stripe_pipeline.servers.web", msgspec.json.encode(task).decode()]


def _daemon(workspace: Path) -> list[str]:
    return [_beside_python("dagster-daemon"), "run", "--workspace", str(workspace)]


def _beside_python(name: str) -> str:
    """Return the path of a command installed beside this Python, which may not be on the PATH."""
    return str(Path(sys.executable).with_name(name))
