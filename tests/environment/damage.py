"""Ways in which a file may be damaged."""

from collections.abc import Callable
from pathlib import Path

from stripe_pipeline.files.removing import remove

Damage = Callable[[Path], None]


def halve(path: Path) -> None:
    """Cut the file off in the middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    """Leave the name without content."""
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    """Put bytes in its place that are no text and no format."""
    path.write_bytes(b"\xff\x00garbage" * 2000)


def folder(path: Path) -> None:
    """Put a folder in its place that isn't empty."""
    remove(path)
    path.mkdir()
    (path / "file").touch()


def loop(path: Path) -> None:
    """Put a link in its place that leads to itself."""
    remove(path)
    path.symlink_to(path.name)


DAMAGES: tuple[Damage, ...] = (halve, empty, garbage, folder)
