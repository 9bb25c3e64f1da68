"""Recognize errors that a full or unwritable disk caused, whichever library raised them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stripe_pipeline.errors import PipelineError

_FULL = ("No space left on {place}", "make room and run again")
_CLOSED = ("Permission denied in {place}", "give write permission and run again")

# What the operating system, SQLite, DuckDB and Dagster's wrappers of them say.
_SAID = {
    "No space left": _FULL,
    "disk is full": _FULL,
    "disk full": _FULL,
    "failed to offload data block": _FULL,  # DuckDB, of a query that it puts on the disk
    "quota exceeded": (
        "No space left to this user on {place}",
        "make room or raise the quota and run again",
    ),
    "Read-only file system": ("{place} is read-only", "make it writable and run again"),
    "readonly database": _CLOSED,
    "Permission denied": _CLOSED,
    "Too many open files": (
        "Too many files are open for {place}",
        "raise the limit (`ulimit -n`) and run again",
    ),
}
# Bytes; less than what the smallest run writes.
_HARDLY_ANYTHING = 16 * 1024 * 1024


@contextmanager
def naming_the_disk(home: Path) -> Iterator[None]:
    """Convert an error that is caused by the disk into a PipelineError.

    Raises:
        PipelineError: a disk is full or can't be written.
    """
    try:
        yield
    except PipelineError:
        raise
    except Exception as error:
        if sentence := disk_trouble(error, home):
            raise PipelineError(sentence) from error
        raise


def disk_trouble(error: BaseException, home: Path | None = None) -> str | None:
    """Return a sentence on what is wrong with the disk if that caused an error; else None."""
    for each in _causes(error):
        text = f"{each} {getattr(each, 'strerror', '')}"
        if sentence := disk_trouble_in(text, _place(each, home)):
            return sentence
    return None


def _place(error: BaseException, home: Path | None) -> object:
    """Return the home, where the error is about a file in it; else the file, if it is known."""
    file = getattr(error, "filename", None)
    if not isinstance(file, str | Path) or (home and Path(file).is_relative_to(home)):
        return home
    return file


def disk_trouble_in(text: str, place: object = None) -> str | None:
    """Return a sentence on the disk trouble that a message reports; None if it reports none."""
    for said, (what, remedy) in _SAID.items():
        if said.lower() in text.lower():
            return f"{what.format(place=place or 'the disk')}; {remedy}."
    return None


def unwritable(home: Path, error: OSError) -> PipelineError:
    """Return the error for a home folder that can't be written."""
    said = error.strerror or str(error)
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        path = Path(error.filename or home)
        file = next((each for each in (path, *path.parents) if each.is_file()), path)
        return PipelineError(
            f"The home folder {home} can't be written: {file} is in the way ({said}); move it "
            "away, or name another folder in STRIPE_PIPELINE_HOME."
        )
    found = next((each for text, each in _SAID.items() if text.lower() in said.lower()), _CLOSED)
    return PipelineError(
        f"The home folder {home} can't be written ({said}); {found[1]}, or name another folder in "
        "STRIPE_PIPELINE_HOME."
    )


def hardly_any_room(home: Path) -> str | None:
    """Return a sentence if a disk is almost full, for a process that ended without a message.

    None if it isn't.
    """
    free = shutil.disk_usage(home).free
    if free > _HARDLY_ANYTHING:
        return None
    what, remedy = _FULL
    return f"{what.format(place=home)} ({free:,} bytes); {remedy}."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()  # an error that is raised from its own consequence has itself as a cause
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
