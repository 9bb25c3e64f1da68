"""Notes of how far something was done, which cost a look at everything where they can't be read."""

from pathlib import Path

from stripe_pipeline.durable import replacing
from stripe_pipeline.removing import remove


def read_note(path: Path) -> str:
    """Return what a note says; nothing where it is missing, or damaged."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def write_note(path: Path, text: str) -> None:
    """Write a note in the place of what is there.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    if path.is_dir():
        remove(path)
    with replacing(path) as file:
        file.write(text.encode())
