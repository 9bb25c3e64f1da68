"""Which files of the lake are known to be sound, so that nobody reads them just to find damage.

A file is known by its size and the time of its last change: one that was cut short, overwritten or
brought back from a backup is another. This is a cache; where it is missing or says nonsense,
every file is read once more.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

NAME = ".checked.json"
Identity = tuple[int, int]  # size in bytes, time of the last change in nanoseconds


class Checked:
    """The sound files below a lake's folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._added: dict[str, Identity] = {}

    def unknown(self, paths: Iterable[Path]) -> list[Path]:
        """Return the files that are not known to be sound as they are now."""
        sound = self._load() | self._added
        return [path for path in paths if sound.get(self._name(path)) != identity(path)]

    def add(self, paths: Iterable[Path]) -> None:
        """Note that files are sound, because they were read whole or just written."""
        self._added |= {self._name(path): identity(path) for path in paths}

    def save(self) -> None:
        """Keep what was added; a cache that can't be written is left as it is."""
        if not self._added:
            return
        sound = self._load() | self._added
        there = {name: each for name, each in sound.items() if (self._root / name).exists()}
        temporary = self._root / f"{NAME}.tmp"
        try:
            temporary.write_bytes(msgspec.json.encode(there))
            temporary.replace(self._root / NAME)
            self._added = {}
        except OSError:
            temporary.unlink(missing_ok=True)

    def _load(self) -> dict[str, Identity]:
        try:
            return msgspec.json.decode((self._root / NAME).read_bytes(), type=dict[str, Identity])
        except (OSError, msgspec.MsgspecError):
            return {}

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self._root))


def identity(path: Path) -> Identity:
    """Return what tells one content of a file from another without reading it."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
