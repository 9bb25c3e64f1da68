"""Log that a run waits for another one of the same home, which would look like a hang."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

logger = logging.getLogger(__name__)

# What the runs of a home share, by the pool that limits it to one step at a time.
_SHARED = {"duckdb": "the warehouse", "lake": "the lake"}
_EVERY_SECONDS = 10.0


@contextmanager
def logging_waits(
    instance: dg.DagsterInstance, run_id: str, every: float = _EVERY_SECONDS
) -> Iterator[None]:
    """Log every `every` seconds what a run waits for, for the length of a block."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(every):
            for sentence in waits(instance, run_id):
                logger.info("%s", sentence)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def waits(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """Return a sentence for each thing a run waits for now; its own steps are left out."""
    found = []
    for pool, shared in _SHARED.items():
        info = instance.event_log_storage.get_concurrency_info(pool)
        others = sorted(info.active_run_ids - {run_id})
        if run_id in info.pending_run_ids and others:
            found.append(
                f"Waiting for {shared}, which run {others[0][:8]} is using; this run goes on when "
                "that step has ended. See it in the web UI (`make ui`), or terminate it there."
            )
    return found
