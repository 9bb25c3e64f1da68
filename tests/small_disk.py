"""A small disk of a test's own, which is gone with the process that made it, however that ends."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS of unshare(2)


def may_mount() -> bool:
    """Return whether a small disk can be made here: only root may, and not in every container."""
    tried = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return tried.returncode == 0


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Lay a file system of this size over a folder; of a size as mount(8) has it, such as 20m.

    This process and those it starts see it, and no other: the kernel takes it away after the last
    of them, if the test was killed as well.
    """
    _see_mounts_of_ones_own()
    _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "small", str(folder))
    try:
        yield
    finally:
        _run("umount", "--lazy", str(folder))


def resize(folder: Path, size: str) -> None:
    """Give a small disk another size; what is on it stays."""
    _run("mount", "-o", f"remount,size={size}", str(folder))


def _see_mounts_of_ones_own() -> None:
    # os.unshare is Python 3.12's.
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    _run("mount", "--make-rprivate", "/")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
