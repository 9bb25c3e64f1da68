"""Remove erased customers from the exports: their messages and the manifests' counts of them.

The files of previews go as a whole: they are made again in seconds.

The number of the newest erasure that was handled is noted beside the exports. Without the note, as
after a crash, all exports are scanned again.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
from filelock import FileLock

from stripe_pipeline.activation.files import (
    ENTRIES,
    finished_exports,
    unfinished,
    unfinished_exports,
)
from stripe_pipeline.activation.taking_out import correct_manifest, take_out
from stripe_pipeline.files.durable import replacing
from stripe_pipeline.files.notes import read_note, write_note
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import Erasures, load_erasures, without_erased
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES
from stripe_pipeline.settings import Settings

NOTE = ".erased"
PREVIEWS = "previews"  # messages to single people, written by `campaigns preview`


def erase_from_exports(settings: Settings) -> int:
    """Remove all customers erased since the last time; return how many exports held any.

    The caller holds the exports' lock. Idempotent.

    Raises:
        OSError: the disk is full, or an export can't be written.
    """
    erasures, note = load_erasures(Lake(settings.lake)), settings.exports / NOTE
    if not erasures.reasons or read_note(note) == str(erasures.number):
        return 0
    shutil.rmtree(settings.home / ".export.spill", ignore_errors=True)
    with previewing(settings):
        shutil.rmtree(settings.home / PREVIEWS, ignore_errors=True)
    folders = finished_exports(settings.exports)
    folders += [unfinished(folder) for folder in unfinished_exports(settings.exports)]
    cleaned = sum(_clean(folder, erasures) for folder in folders)
    settings.exports.mkdir(parents=True, exist_ok=True)
    write_note(note, str(erasures.number))
    return cleaned


@contextmanager
def previewing(settings: Settings) -> Iterator[None]:
    """Hold the lock of the previews' files: an erasure and a preview don't write at once.

    Raises:
        OSError: the home folder can't be written.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.home / ".previews.lock"):
        yield


def _clean(folder: Path, erasures: Erasures) -> bool:
    """Rewrite the files of an export that name an erased customer, the manifest last."""
    try:
        for path in folder.glob(".*.tmp"):
            path.unlink()
        changed = take_out(folder, lambda message: message.stripe_customer_id in erasures.reasons)
        if (folder / ENTRIES).exists():
            changed |= _clean_entries(folder / ENTRIES, erasures)
        correct_manifest(folder, "erased_messages")
    except FileNotFoundError:
        if folder.exists():
            raise
        return False  # moved away concurrently
    return changed


def _clean_entries(path: Path, erasures: Erasures) -> bool:
    """Remove the addresses' hashes; the rows stay, which say that the messages were sent."""
    rows = pq.read_table(path, schema=OUTBOX_ENTRIES, partitioning=None)
    clean = without_erased(rows, erasures)
    if clean is not rows:
        with replacing(path) as file:
            pq.write_table(clean, file)
    return clean is not rows
