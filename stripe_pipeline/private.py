"""A home folder is its owner's alone: it holds a shop's customers."""

import os
import stat
from pathlib import Path

from stripe_pipeline.surroundings import PRIVATE_UMASK


def make_private(home: Path) -> None:
    """Close a home folder, and all that is in it, to everyone but its owner.

    A folder that is closed already was made so by a command, which closes all that it writes, so
    its content is looked at only once. Links are left alone: what they lead to may be elsewhere.

    Raises:
        OSError: it belongs to another user, or can't be changed.
    """
    if not _is_open(home.stat().st_mode):
        return
    for folder, _, files in os.walk(home, topdown=False):
        for path in (*(Path(folder) / name for name in files), Path(folder)):
            _close(path)


def _close(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:  # another process of this home has just removed it
        return
    if not stat.S_ISLNK(mode) and _is_open(mode):
        path.chmod(stat.S_IMODE(mode) & ~PRIVATE_UMASK)


def _is_open(mode: int) -> bool:
    return bool(mode & PRIVATE_UMASK)
