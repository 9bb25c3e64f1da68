"""Refuse an answer that an erasure crossed: it is of the time before it, or of the time after it.

An erasure rewrites the lake table by table. What reads several of them at that time would mix the
two, and what was read before it may name the erased person.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import load_erasures
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.history import LAKE_PATIENCE_SECONDS

logger = logging.getLogger(__name__)


@contextmanager
def undisturbed(settings: Settings) -> Iterator[Callable[[], None]]:
    """Run the block between erasures; yield what checks that none has begun since.

    It is checked at the end of the block as well. First waits for an erasure that is going on.

    Raises:
        PipelineError: an erasure was interrupted, or one began while the block ran.
    """
    lake = Lake(settings.lake)
    number = _settled(settings)

    def check() -> None:
        if load_erasures(lake).number != number:
            raise PipelineError(
                "A person was erased while this was computed, so the answer is thrown away; ask "
                "again."
            )

    yield check
    check()


def _settled(settings: Settings) -> int:
    """Return the number of the newest erasure once none is under way."""
    lake = Lake(settings.lake)
    erasures = load_erasures(lake)
    if erasures.pending:
        logger.info("Waiting for the erasure that is going on in %s", settings.home)
        # The process that carries it out holds this lock to its end.
        with lake.writing(LAKE_PATIENCE_SECONDS):
            erasures = load_erasures(lake)
    if erasures.pending:
        raise PipelineError(
            "An erasure was interrupted and isn't finished; run `stripe-pipeline forget` for that "
            "person again, or `stripe-pipeline run`, which finishes it."
        )
    return erasures.number
