"""The child process that serves Dagster's web UI behind the guard; its one argument is a Task."""

import logging
import socket
import sys
from pathlib import Path

import dagster as dg
import msgspec

from stripe_pipeline.orchestration.lost_runs import close_lost_runs
from stripe_pipeline.servers.dagster_app import dagster_app
from stripe_pipeline.servers.graphql import METHODS, refuse_unsafe
from stripe_pipeline.servers.guard import Guard
from stripe_pipeline.servers.names import own_names
from stripe_pipeline.servers.serving import serve
from stripe_pipeline.servers.task import Task

logger = logging.getLogger(__name__)


def serve_web(task: Task) -> None:
    """Serve the UI of the instance in DAGSTER_HOME until SIGTERM or Ctrl-C."""
    own = own_names(task.host, task.allowed_hosts)
    with dg.DagsterInstance.get() as instance, socket.socket(fileno=task.descriptor) as listener:
        if closed := close_lost_runs(instance):
            logger.warning(
                "Runs that the last web UI left unfinished: %d, now closed as failed. "
                "Re-execute them from failure.", closed,
            )  # fmt: skip
        with dagster_app(instance, Path(task.workspace)) as app:
            serve(Guard(app, own, METHODS, refuse_unsafe), listener)


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    serve_web(msgspec.json.decode(sys.argv[1], type=Task))
