"""Detect spreadsheet files in place of CSV, so that the error says how to convert them."""

import zipfile
from pathlib import Path

from stripe_pipeline.errors import UsageError

# The signature of Excel files before 2007: https://learn.microsoft.com/openspecs (MS-CFB).
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A member that each ZIP archive of the kind contains.
_KINDS = {
    "xl/workbook.xml": "an Excel workbook",
    "xl/workbook.bin": "an Excel workbook",
    "META-INF/manifest.xml": "a LibreOffice spreadsheet",
    "Index/Document.iwa": "a Numbers spreadsheet",
}


def refuse_spreadsheet(path: Path) -> None:
    """Refuse a spreadsheet; accept every other file, even an unreadable one.

    Raises:
        UsageError: it is a spreadsheet; the message says how to make a CSV of it.
    """
    try:
        kind = _kind(path)
    except (OSError, zipfile.BadZipFile):
        return
    if kind:
        raise UsageError(
            f'{path} is {kind} and no CSV: open it there, choose "Save as" (in Numbers '
            '"Export to") and "CSV UTF-8", and give the file that this makes.'
        )


def _kind(path: Path) -> str | None:
    if not path.is_file():
        return None
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
        return next((kind for name, kind in _KINDS.items() if name in names), None)
    with path.open("rb") as file:
        is_old = file.read(len(_OLD_EXCEL)) == _OLD_EXCEL
    return "an old Excel workbook" if is_old else None
