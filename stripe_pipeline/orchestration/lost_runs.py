"""Close runs of the web UI whose process has ended: they would hold their pool slots forever."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

# In the folder of Dagster's history; held for as long as a process of the web UI is alive.
UI_LOCK = ".ui.lock"
IN_PROCESS_TAG = "stripe_pipeline/in_process"
_ENDED = "The process of this run ended before the run did: the web UI was stopped or killed."
_UNDER_WAY = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def close_lost_runs(instance: dg.DagsterInstance) -> int:
    """Fail the runs that an earlier web UI left unfinished, and free their pool slots.

    Call it only under the UI's lock, when no process of another UI is alive. Runs that
    `stripe-pipeline run` executes itself are left alone. Returns how many were closed.
    """
    runs = instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY))
    lost = [run for run in runs if IN_PROCESS_TAG not in run.tags]
    for run in lost:
        instance.report_run_failed(run, _ENDED)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(lost)


def close_lost_runs_without_ui(instance: dg.DagsterInstance, folder: Path) -> int:
    """Close lost runs if no web UI is alive that could be executing them; return how many."""
    with _ui_lock(folder) as is_free:
        return close_lost_runs(instance) if is_free else 0


@contextmanager
def _ui_lock(folder: Path) -> Iterator[bool]:
    with (folder / UI_LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
