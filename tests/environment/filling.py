"""A disk that fills up at a moment of a run: a file beside the home takes all that is free."""

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import clean_environment

_LOOK_SECONDS = 0.002
_HANG_SECONDS = 900


class Filling:
    """Fill the disk of a home once a path below it that fits the pattern is there."""

    def __init__(self, home: Path, pattern: str) -> None:
        self._home, self._pattern = home, pattern
        self._ballast = home.parent / "ballast"
        self._ended = threading.Event()
        self.is_full = False

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command and fill the disk meanwhile; what is freed is filled again."""
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        try:
            return subprocess.run(
                command,
                env=clean_environment(), cwd=self._home.parent, timeout=_HANG_SECONDS,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        finally:
            self._ended.set()
            watcher.join()

    def make_room(self) -> None:
        """Give all back that was taken."""
        self._ballast.unlink()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            if self.is_full or any(self._home.glob(self._pattern)):
                self.is_full = True
                self._fill()

    def _fill(self) -> None:
        try:
            with self._ballast.open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(os.statvfs(self._home.parent).f_frsize))
        except OSError:
            return
