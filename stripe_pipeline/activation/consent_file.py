"""Read a file of consents as spreadsheets write them, and report every line that is wrong.

Comma, semicolon or tab for separator, UTF-8 or UTF-16 (Excel's "Unicode Text"), with Excel's line
`sep=;` or without; names of columns in any case; empty rows and empty columns at the end.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripe_pipeline.activation.contract import near_miss
from stripe_pipeline.activation.entries import COLUMNS, EntryError, entry
from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.spreadsheets import refuse_spreadsheet
from stripe_pipeline.values.words import counted, listed

_SEPARATORS = ",;\t"
_SHOWN = 40  # characters of an unknown column's name: a file that is no CSV has all in it
# Blanks, and what ends a text file of DOS.
_EMPTY = " \t\r\n\x1a\ufeff"
_WANTED = f"the first line has to be {','.join(COLUMNS)}"
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True)
class _Line:
    number: int
    cells: list[str]


def read_consent_file(path: Path) -> list[dict[str, Any]]:
    """Read and validate the rows of a file of consents.

    Raises:
        UsageError: the file can't be read, or lines are wrong: the first twenty are listed.
    """
    lines = _lines(path, _text(path))
    header = next(lines, _Line(1, []))
    columns = _columns(path, header)
    entries, mistakes = [], []
    for line in lines:
        try:
            entries.append(entry(_row(columns, line)))
        except EntryError as error:
            mistakes.append(f"line {line.number}: {error}")
    if mistakes:
        raise _refusal(path, mistakes)
    return entries


def _text(path: Path) -> str:
    refuse_spreadsheet(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The consent file {path} can't be read ({error.strerror}); name a CSV file."
        ) from None
    encoding = next(
        (name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), "utf-8"
    )
    try:
        text = content.decode(encoding).lstrip("\ufeff")  # joined files have a mark each
    except UnicodeDecodeError as error:
        raise UsageError(_encoding_sentence(path, content, error.start)) from None
    if "\0" in text or text.lstrip().startswith("<"):
        raise UsageError(_no_csv_sentence(path, text))
    return text


def _encoding_sentence(path: Path, content: bytes, place: int) -> str:
    number = content.count(b"\n", 0, place) + 1
    return (
        f"Consent file {path}, line {number}: it isn't UTF-8; a spreadsheet has probably saved it "
        'in Windows-1252. Save it as "CSV UTF-8" and import it again. Nothing was recorded.'
    )


def _no_csv_sentence(path: Path, text: str) -> str:
    what = "text in UTF-16 or UTF-32 without its mark" if "\0" in text else "a web page"
    return (
        f"Consent file {path} is {what}, or no text at all; open it in a spreadsheet and save it "
        'as "CSV UTF-8". Nothing was recorded.'
    )


def _lines(path: Path, text: str) -> Iterator[_Line]:
    """Yield the rows that aren't empty, with the number of the line that each begins in."""
    first = 0
    separator = _announced(text)
    if separator:
        text, first = text.partition("\n")[2], 1
    separator = separator or _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip(_EMPTY) for cell in cells):
                yield _Line(first + begin, cells)
            begin = reader.line_num + 1
    except csv.Error as error:
        mistake = f"line {first + reader.line_num}: this isn't CSV ({error})."
        raise _refusal(path, [mistake]) from None


def _announced(text: str) -> str:
    """Return the separator of Excel's line `sep=;` before the header, or "" if there is none."""
    line = text.partition("\n")[0].strip().strip('"').lower()
    return line[4] if len(line) == 5 and line.startswith("sep=") else ""


def _separator(text: str) -> str:
    """Return the separator of the header's columns."""
    header = next((line for line in text.split("\n") if line.strip(_SEPARATORS + " \r")), "")
    return max(_SEPARATORS, key=header.count)


def _columns(path: Path, header: _Line) -> list[str]:
    found = [_column_name(cell) for cell in header.cells]
    while found and not found[-1]:
        found.pop()
    for column in found:
        if column not in COLUMNS:
            hint = near_miss(column, COLUMNS)
            raise UsageError(
                f"Consent file {path}, line {header.number}: there is no column "
                f"{column[:_SHOWN] or 'without a name'}{hint} "
                f"Of a consent file {_WANTED}."
            )
    if sorted(found) != sorted(COLUMNS):
        raise UsageError(f"Consent file {path}, line {header.number}: {_WANTED}.")
    return found


def _column_name(cell: str) -> str:
    return "_".join(cell.strip().lower().replace("-", " ").replace("_", " ").split())


def _row(columns: list[str], line: _Line) -> dict[str, str]:
    surplus = line.cells[len(columns) :]
    if len(line.cells) < len(columns) or any(cell.strip() for cell in surplus):
        raise EntryError(f"the row has to have {counted(len(columns), 'value')}.")
    return dict(zip(columns, line.cells, strict=False))


def _refusal(path: Path, mistakes: list[str]) -> UsageError:
    """Return the error for these mistakes: one as a sentence, several as a list."""
    if len(mistakes) == 1:
        return UsageError(
            f"Consent file {path}, {mistakes[0]} Nothing was recorded; correct the row and import "
            "the file again."
        )
    return UsageError(
        f"{len(mistakes):,} lines of the consent file {path} are wrong. Nothing was recorded; "
        f"correct them and import the file again.{listed(mistakes)}"
    )
