"""Read the text of a downloaded file, from its ZIP archive if it is in one."""

import zipfile
from pathlib import Path

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.spreadsheets import refuse_spreadsheet

# Bytes. All rates since 1999 take less than 2 MB; an archive of gigabytes is a ZIP bomb.
LARGEST = 64_000_000
FORMATS = (
    "`rates import` takes a file of the European Central Bank as it is downloaded from "
    "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip: the archive, its CSV (its first "
    "line must be `Date,USD,JPY,...`, the others say what one euro was worth, such as "
    "`2026-01-30,1.0842,163.18,...`) or its XML. Rates of your own stand in a file "
    "`day,currency,rate`, such as `2026-01-30,eur,1.0842`, that STRIPE_PIPELINE_EXCHANGE_RATES "
    "names."
)
_SUFFIXES = (".csv", ".xml")


def unpacked(path: Path) -> str:
    """Return a file's text.

    Raises:
        UsageError: it can't be read, is too large, a spreadsheet, no archive of one CSV or XML
            file, or no text in UTF-8.
    """
    refuse_spreadsheet(path)
    try:
        if zipfile.is_zipfile(path):
            return _text(path, _member(path))
        with path.open("rb") as file:
            return _text(path, file.read(LARGEST + 1))
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}).") from None


def _member(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(_SUFFIXES)]
            if len(names) != 1:
                raise UsageError(
                    f"{path} holds {len(names)} CSV or XML files and not one; unpack it and import "
                    "the one that has the rates."
                )
            with archive.open(names[0]) as file:
                return file.read(LARGEST + 1)
    # zipfile raises NotImplementedError for a compression that it does not know.
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        raise UsageError(f"{path} is damaged or has a password; download it again.") from None


def _text(path: Path, content: bytes) -> str:
    if len(content) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST // 1_000_000} MB; it is no such file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text in UTF-8. {FORMATS}") from None
