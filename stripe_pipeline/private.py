"""A home folder is its owner's alone: it holds a shop's customers."""

import os
import stat
from functools import lru_cache
from pathlib import Path

from stripe_pipeline.surroundings import PRIVATE_UMASK


def make_private(home: Path) -> None:
    """Close a home folder, and all that is in it, to everyone but its owner.

    All that a command writes is closed as it is made; what an older version, a backup or another
    program left open is found by a look at each file, which is done once in a process. Links are
    left alone: what they lead to may be elsewhere. A home that is a link is closed where it leads.

    Raises:
        OSError: it belongs to another user, or can't be changed.
    """
    _make_private_once(home.resolve())


@lru_cache(maxsize=64)
def _make_private_once(home: Path) -> None:
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
