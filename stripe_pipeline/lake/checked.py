"""A cache of which files of the lake have passed a check, so that only new files are checked.

A file is identified by its size and modification time, so one that was truncated, overwritten or
restored from a backup is checked again. Where the cache is missing or damaged, every file is.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from stripe_pipeline.files.durable import replacing
from stripe_pipeline.files.removing import remove

SOUND = ".checked.json"
Identity = tuple[int, int]  # size in bytes, time of the last change in nanoseconds


class Checked:
    """The files below a lake's folder that passed a check; by default, that nothing is damaged."""

    def __init__(self, root: Path, name: str = SOUND) -> None:
        self._root = root
        self._file = root / name
        self._added: dict[str, Identity] = {}

    def unknown(self, paths: Iterable[Path]) -> list[Path]:
        """Return the files that were not checked as they are now."""
        checked = self._load() | self._added
        return [path for path in paths if checked.get(self._name(path)) != identity(path)]

    def add(self, paths: Iterable[Path]) -> None:
        """Add files that passed the check, or were just written so that they do."""
        self._added |= {self._name(path): identity(path) for path in paths}

    def save(self) -> None:
        """Write the cache to its file; one that can't be written is left as it is."""
        if not self._added:
            return
        checked = self._load() | self._added
        there = {name: each for name, each in checked.items() if (self._root / name).exists()}
        try:
            if self._file.is_dir():
                remove(self._file)
            with replacing(self._file) as file:
                file.write(msgspec.json.encode(there))
        except OSError:
            return
        self._added = {}

    def forget(self) -> None:
        """Clear the cache, so that every file is checked again."""
        self._added = {}
        remove(self._file)

    def _load(self) -> dict[str, Identity]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, Identity])
        except (OSError, msgspec.MsgspecError):
            return {}

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._root))


def identity(path: Path) -> Identity:
    """Return a file's size and modification time, which identify its content without reading it."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
