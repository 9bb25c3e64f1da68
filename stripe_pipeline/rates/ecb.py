"""Parse the European Central Bank's files of reference rates: what one euro is worth.

The bank publishes them on working days since 1999, for some thirty currencies, newest day first.
https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.exchange_rates import COLUMNS, is_day
from stripe_pipeline.rates.ecb_xml import xml_quotes
from stripe_pipeline.rates.unpacked import FORMATS, unpacked
from stripe_pipeline.values.words import counted

DOWNLOAD = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
EURO = "eur"
# Values for a missing rate.
_NONE = ("", "N/A")
# The daily file writes 28 November 2026, in English whatever the locale.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

Quote = tuple[int, str, str, str]  # line, day, currency, rate: texts as they stand in the file


@dataclass(frozen=True)
class Quotes:
    """What one euro was worth: by day, oldest first, then by currency in lower case."""

    by_day: Mapping[date, Mapping[str, Decimal]]

    @property
    def currencies(self) -> frozenset[str]:
        """Every currency that has a rate on some day, the euro included."""
        return frozenset({EURO}.union(*self.by_day.values()))


def read_quotes(path: Path, today: date) -> Quotes:
    """Read a file of the bank's: CSV or XML, all days or one, zipped or not.

    Raises:
        UsageError: it can't be read, isn't such a file, or one of its lines can't be used or is of
            a day after `today`.
    """
    text = unpacked(path)
    quotes = _xml_quotes(path, text) if text.lstrip().startswith("<") else _csv_quotes(path, text)
    by_day: dict[date, dict[str, Decimal]] = {}
    for line, day, currency, rate in quotes:
        code = _currency(path, line, currency)
        rates = by_day.setdefault(_day(path, line, day, today), {})
        if code in rates:
            _refuse(path, line, f"gives a second rate for {code} on {day}")
        if rate not in _NONE:
            rates[code] = _rate(path, line, rate)
    if not any(by_day.values()):
        raise UsageError(f"{path} has no exchange rate in it. {FORMATS}")
    return Quotes({day: by_day[day] for day in sorted(by_day)})


def _xml_quotes(path: Path, text: str) -> Iterator[Quote]:
    if re.match(r"\s*<(!doctype html|html)\b", text, re.IGNORECASE):
        raise UsageError(f"{path} is a web page and no file of rates. {FORMATS}")
    return xml_quotes(path, text)


def _csv_quotes(path: Path, text: str) -> Iterator[Quote]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        if header[:1] != ["Date"] or len(header) < 2:
            raise UsageError(f"{path} {_other_format(header)} {FORMATS}")
        for line in lines:
            if any(value.strip() for value in line):
                yield from _quotes(path, lines.line_num, header, [value.strip() for value in line])
    except csv.Error:
        _refuse(path, lines.line_num, "is no line of a CSV file")


def _other_format(header: Sequence[str]) -> str:
    """Return what a file with another first line is, and what to do with it."""
    if not header:
        return "is empty."
    columns = tuple(name.strip().lower() for name in re.split("[,;\t]", ",".join(header)))
    if columns == COLUMNS:
        return (
            "has rates of your own, which a run reads without an import once "
            "STRIPE_PIPELINE_EXCHANGE_RATES names the file."
        )
    if columns[:1] == ("date",) and len(header) == 1:
        return (
            "isn't separated by commas: a spreadsheet has probably saved it, and may have changed "
            "its numbers."
        )
    return "is no file of rates that is known."


def _quotes(path: Path, number: int, header: Sequence[str], line: Sequence[str]) -> Iterator[Quote]:
    if len(line) != len(header):
        _refuse(
            path, number, f"has {counted(len(line), 'value')}, and the first line has {len(header)}"
        )
    for currency, rate in zip(header[1:], line[1:], strict=True):
        # The bank ends each line with a comma.
        if currency or rate:
            yield number, line[0], currency, rate


def _currency(path: Path, line: int, text: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text) or text.lower() == EURO:
        _refuse(path, line, f"has a rate of {text or '(none)'}, which is no other currency's code")
    return text.lower()


def _day(path: Path, line: int, text: str, today: date) -> date:
    day, _, rest = text.partition(" ")
    month, _, year = rest.partition(" ")
    iso = f"{year}-{_MONTHS.index(month) + 1:02}-{day:>02}" if month in _MONTHS else text
    if not is_day(iso):
        _refuse(path, line, f"has the day {text or '(none)'}, which is no date such as 2026-01-30")
    # A day of grace, for the zones that are ahead.
    if date.fromisoformat(iso) > today + timedelta(days=1):
        _refuse(path, line, f"has the day {iso}, which is still to come on {today}")
    return date.fromisoformat(iso)


def _rate(path: Path, line: int, text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,12})?", text) or not Decimal(text):
        _refuse(path, line, f"has the rate {text}, which is no plain decimal number above 0")
    return Decimal(text)


def _refuse(path: Path, line: int, reason: str) -> NoReturn:
    raise UsageError(f"Line {line} of {path} {reason}; download {DOWNLOAD} again.")
