"""Say of a full or closed disk what it is, whichever library ran into it."""

from collections.abc import Iterator

# What the operating system, SQLite, DuckDB and Dagster's wrappers of them say.
_SAID = {
    "No space left": "no space is left on a disk; make room and run again",
    "database or disk is full": "no space is left on a disk; make room and run again",
    "quota exceeded": "no space is left to this user; make room and run again",
    "Read-only file system": "a disk is read-only; make it writable and run again",
    "readonly database": "a file of the home can't be written; give it write permission",
    "Permission denied": "a file can't be opened for want of permission; give it and run again",
    "Too many open files": "too many files are open; raise the limit (`ulimit -n`) and run again",
}


def disk_trouble(error: BaseException) -> str | None:
    """Return what is wrong with a disk, in words, if that is behind an error; else None."""
    for each in _causes(error):
        text = f"{each} {getattr(each, 'strerror', '')}".lower()
        for said, sentence in _SAID.items():
            if said.lower() in text:
                name = getattr(each, "filename", None)
                return (
                    f"The command stopped ({name}): {sentence}."
                    if name
                    else (f"The command stopped: {sentence}.")
                )
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
