"""Dagster's web application on the code server of a home.

The one place that imports Dagster's private modules (`dagster._core`): its webserver has no public
way to put anything in front of its application, see docs/decisions/servers.md. If such an import
fails, the UI doesn't start; it never starts without the guard.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import yaml
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.types import ASGIApp

# How often open pages poll for changed assets, in milliseconds, as `dagster dev` sets it.
_POLL_MILLISECONDS = 2000
_LOOK_SECONDS = 0.05


@contextmanager
def dagster_app(instance: dg.DagsterInstance, workspace: Path) -> Iterator[ASGIApp]:
    """Yield Dagster's application once the workspace file's code server has its socket."""
    _wait_for_code_server(workspace)
    target = WorkspaceFileTarget([str(workspace)])
    with WorkspaceProcessContext(instance, target, version=dg.__version__) as context:
        yield create_app_from_workspace_process_context(context, "", _POLL_MILLISECONDS)


def _wait_for_code_server(workspace: Path) -> None:
    entry = yaml.safe_load(workspace.read_text(encoding="utf-8"))["load_from"][0]
    while not Path(entry["grpc_server"]["socket"]).exists():
        time.sleep(_LOOK_SECONDS)
