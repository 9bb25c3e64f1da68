"""Make what was written survive a power cut."""

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    _sync(path)


def sync_folder(folder: Path) -> None:
    """Wait until a rename in a folder is on the disk: a name lives there, not in the file."""
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
