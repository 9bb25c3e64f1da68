"""Compute tables for any instant in a scratch folder, apart from the home's own tables.

The folder `<home>/.preview` has a link to the lake, which is only read, and a warehouse of its own.
It is emptied before and after.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.older import give_places
from stripe_pipeline.lake.tables import TABLES, missing_tables
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError
from stripe_pipeline.warehouse.publish import copy_marts
from stripe_pipeline.warehouse.renewal import compute, computing, is_outdated
from stripe_pipeline.warehouse.transform import make_folder, unwritable_home, wait_for_warehouse

FOLDER = ".preview"


@contextmanager
def computed_aside(settings: Settings, as_of: datetime, marts: Sequence[str]) -> Iterator[Settings]:
    """Compute some marts for an instant from the current lake; yield the scratch home's settings.

    That home is emptied when the block ends; `published` in it has the marts.

    Raises:
        PipelineError: nothing was ever synced, another preview is running, the warehouse is held
            for too long, a table can't be computed, or the home folder can't be written.
    """
    require_synced(settings)
    give_places(Lake(settings.lake))
    folder = make_folder(settings, settings.home / FOLDER)
    # The rates file of the real home, as the scratch home has none.
    moved = {"home": folder, "exchange_rates": settings.rates_file}
    aside = settings.model_copy(update=moved)
    with _alone(folder):
        try:
            _empty(folder)
            (folder / "lake").symlink_to("../lake", target_is_directory=True)
            _copy_warehouse(settings, aside)
            compute(aside, as_of, [f"+{mart}" for mart in marts])
            copy_marts(aside, marts, aside.published)
            yield aside
        except OSError as error:
            raise unwritable_home(settings, error) from None
        finally:
            _empty(folder)


def clear_scratch(settings: Settings) -> None:
    """Empty the folder of a killed preview; a running one is left alone."""
    folder = settings.home / FOLDER
    lock = FileLock(folder.with_name(f"{FOLDER}.lock"), timeout=0)
    if not folder.exists():
        return
    with suppress(Timeout), lock:
        _empty(folder)


def require_synced(settings: Settings) -> None:
    """Refuse a home that was never synced, or not since an upgrade.

    A preview itself writes nothing to the lake, so it can't add what an older version lacks.

    Raises:
        PipelineError: the lake lacks tables.
    """
    missing = missing_tables(settings.lake)
    if len(missing) == len(TABLES):
        raise PipelineError(
            f"There is nothing to preview in {settings.home} yet; run `stripe-pipeline sync` first."
        )
    if missing:
        raise PipelineError(
            f"An older version wrote {settings.home}, which lacks {', '.join(missing)}; run "
            "`stripe-pipeline run` once, then preview."
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder.with_name(f"{FOLDER}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise PipelineError(
            f"Another preview is going on in {folder.parent}; wait until it has finished."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _copy_warehouse(settings: Settings, aside: Settings) -> None:
    """Start from a copy of the home's warehouse, unless it is damaged or holds erased data."""
    if not settings.warehouse.exists():
        return
    with computing(settings), suppress(DamagedWarehouseError):
        wait_for_warehouse(settings)
        if not is_outdated(settings):
            shutil.copyfile(settings.warehouse, aside.warehouse)


def _empty(folder: Path) -> None:
    """Remove all that is in the folder, including the link to the lake, but not its target."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
