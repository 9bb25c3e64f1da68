"""Give the files of older versions what newer ones have: the places of their rows as columns."""

import logging
from pathlib import Path

from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS, Batch, Lake
from stripe_pipeline.lake.erase import replace
from stripe_pipeline.lake.places import has_places

logger = logging.getLogger(__name__)


def give_places(lake: Lake) -> int:
    """Rewrite the files without `batch` and `position`; return how many those were.

    Each is replaced atomically and says the same of its rows as before: a crash leaves the rest to
    the next call, and a running reader notices nothing. Takes the lake's lock only where there is
    such a file.

    Raises:
        TornBatchError: such a file is damaged.
        PipelineError: another process is writing, the disk is full, or a file can't be written.
    """
    if not unplaced(lake):
        return 0
    with lake.writing(), lake.recording(LEDGER_PATIENCE_SECONDS):
        older = unplaced(lake)
        logger.info("Rewriting %d files of the lake that an older version wrote", len(older))
        for batch in older:
            replace(lake, batch, lambda rows: None)
    return len(older)


def unplaced(lake: Lake) -> list[Batch]:
    """Return the files that don't say where their rows stand, those kept for readers too."""
    files = (batch for table in _tables(lake.root) for batch in lake.files(table))
    return [batch for batch in files if not _has_places(batch)]


def _tables(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("*") if path.is_dir())


def _has_places(batch: Batch) -> bool:
    with batch.open() as file:
        return has_places(file.schema_arrow)
