"""Small files that record progress; where one can't be read, the work is checked in full."""

from pathlib import Path

from stripe_pipeline.files.durable import replacing
from stripe_pipeline.files.removing import remove


def read_note(path: Path) -> str:
    """Return a note's text; the empty string where it is missing or damaged."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def write_note(path: Path, text: str) -> None:
    """Write a note, atomically replacing the old one.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    if path.is_dir():
        remove(path)
    with replacing(path) as file:
        file.write(text.encode())
