"""Read a small CSV file that a user wrote, with line numbers for error messages."""

import csv
from pathlib import Path

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.spreadsheets import refuse_spreadsheet


def csv_lines(path: Path, what: str, setting: str) -> list[tuple[int, list[str]]]:
    """Return the lines that aren't empty, each with its number and its trimmed values.

    `what` (the kind of file) and the `setting` that names it are for the error messages.

    Raises:
        UsageError: the file can't be read, or is no CSV in UTF-8.
    """
    refuse_spreadsheet(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            return [(reader.line_num, [value.strip() for value in line]) for line in reader if line]
    except OSError as error:
        raise UsageError(
            f"The {what} {path} can't be read ({error.strerror}); correct the setting {setting}, "
            "or leave it empty."
        ) from None
    except (csv.Error, UnicodeDecodeError):
        raise UsageError(f"The {what} {path} is no CSV in UTF-8; save it as one.") from None
