"""Restrict a home folder to its owner: it holds a shop's customer data."""

import os
import stat
from functools import lru_cache
from pathlib import Path

from stripe_pipeline.process.environment import PRIVATE_UMASK


def make_private(home: Path) -> None:
    """Remove the group's and others' permissions from a home folder and all that is in it.

    Commands create their files with a private umask; what an older version, a backup or another
    program left open is found by checking each file, once per process. Links are left alone, as
    their targets may be elsewhere; of a home that is itself a link, the target is restricted.

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
