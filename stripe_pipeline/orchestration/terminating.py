"""Log the state of a step that was terminated in the web UI, and how to resume."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from stripe_pipeline.orchestration.lost_runs import IN_PROCESS_TAG

logger = logging.getLogger(__name__)


@contextmanager
def explaining_termination(
    context: dg.AssetExecutionContext | dg.OpExecutionContext, doing: str
) -> Iterator[None]:
    """Log a sentence, which starts with `doing`, if the run is terminated during the block.

    A run in the terminal logs its own.
    """
    try:
        yield
    except dg.DagsterExecutionInterruptedError:
        if IN_PROCESS_TAG not in context.run.tags:
            logger.error(
                "%s was stopped before its end, because the run was terminated. What was recorded "
                "until then stays, and nothing half-done counts. Re-execute the run, from failure "
                "or all steps, or wait for the next one: it makes up for the rest, and no message "
                "goes out twice.",
                doing,
            )
        raise
