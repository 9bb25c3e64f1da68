"""The file of exchange rates: the one that a setting names, or exchange_rates.csv in the home.

    day,currency,rate
    2026-01-01,eur,1.0842

A rate is how many units of the reporting currency one unit is worth from that day on. A line
without a rate (of a template that isn't filled in yet) is ignored. dbt reads the file itself; here
it is checked before a run, so that a mistake is reported with its line number.
"""

import logging
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.csv_lines import csv_lines
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.words import counted

logger = logging.getLogger(__name__)

COLUMNS = ("day", "currency", "rate")
# The project's own rates, used where there is no other file.
SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "seed_exchange_rates.csv"
SETTING = "STRIPE_PIPELINE_EXCHANGE_RATES"
_EXAMPLE = "write it as `2026-01-31,eur,1.0842`"
# The warehouse keeps 18 decimals, and its sums have room for rates below the limit.
_LEAST = Decimal("1E-18")
_LIMIT = 1_000_000_000
_CURRENCY = re.compile("[A-Za-z]{3}")
_RATE = re.compile(r"[0-9]+(\.[0-9]+)?")


class RateLine(NamedTuple):
    """One line: the day in ISO form, the currency in lower case, and the rate or nothing."""

    day: str
    currency: str
    rate: str


@dataclass(frozen=True)
class RatesFile:
    """The file in use and its lines."""

    path: Path
    lines: list[RateLine]

    def empty(self) -> int:
        """How many lines have no rate yet."""
        return sum(not line.rate for line in self.lines)

    def of(self, currency: str) -> int:
        """How many lines give another rate than 1 for a currency."""
        rates = (line.rate for line in self.lines if line.currency == currency and line.rate)
        return sum(Decimal(rate) != 1 for rate in rates)


def check_exchange_rates(settings: Settings) -> RatesFile | None:
    """Check the file of exchange rates in use; None where there is none with a line in it.

    Raises:
        UsageError: the file can't be read, one of its lines can't be used, or two lines give a
            rate for the same day and currency.
    """
    path = settings.rates_file
    if path is None:
        seed = read_rate_lines(SEED)
        return RatesFile(SEED, seed) if seed else None
    if not path.exists():
        raise UsageError(
            f"There is no file of exchange rates {path}, so it can't be read; make it with "
            f"`stripe-pipeline rates import`, or correct {SETTING}, or leave it empty: a run then "
            "says which rates are missing."
        )
    return RatesFile(path, read_rate_lines(path))


def say_which_rates(file: RatesFile | None) -> None:
    """Log which rates a run uses. Tests in dbt warn of lines that it can't use."""
    if file:
        rates = len(file.lines) - file.empty()
        logger.info("Converting with %s of %s", counted(rates, "exchange rate"), file.path)


def read_rate_lines(path: Path) -> list[RateLine]:
    """Read a file of exchange rates, in the order of its lines.

    Raises:
        UsageError: as check_exchange_rates.
    """
    lines = csv_lines(path, "file of exchange rates", SETTING)
    _check_header(path, lines[0][1] if lines else [])
    found: list[RateLine] = []
    seen: dict[tuple[str, str], int] = {}
    for number, line in lines[1:]:
        if reason := _refusal(line):
            raise UsageError(f"Line {number} of {path} {reason}; {_EXAMPLE}.")
        read = RateLine(line[0], line[1].lower(), line[2])
        found.append(read)
        if not read.rate:
            continue
        if earlier := seen.get(read[:2]):
            raise UsageError(
                f"Line {number} of {path} gives a second rate for {read.currency} on {read.day}, "
                f"after line {earlier}; remove one of the two."
            )
        seen[read[:2]] = number
    return found


def _check_header(path: Path, header: list[str]) -> None:
    if tuple(header) == COLUMNS:
        return
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise UsageError(
            f"{path} isn't separated by commas; save it as `{','.join(COLUMNS)}`, with a point in "
            "each rate."
        )
    raise UsageError(f"The first line of {path} must be `{','.join(COLUMNS)}`; correct it.")


def _refusal(line: list[str]) -> str | None:
    """Return what is wrong with a line; None if nothing is."""
    if len(line) != len(COLUMNS):
        return f"has {counted(len(line), 'value')} and not {len(COLUMNS)}"
    day, currency, rate = line
    if not is_day(day):
        return f"has the day {day or '(none)'}, which is no date such as 2026-01-31"
    if not is_currency(currency):
        return f"has the currency {currency or '(none)'}, which is no code of three letters"
    return _refused_rate(rate)


def is_currency(text: str) -> bool:
    """Return whether a text has the form of a currency code."""
    return bool(_CURRENCY.fullmatch(text))


@cache
def is_day(text: str) -> bool:
    """Return whether a text is a calendar date in ISO form, which is unambiguous."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _refused_rate(text: str) -> str | None:
    if not text:
        return None
    if not _RATE.fullmatch(text):
        return f"has the rate {text}, which is no plain decimal number above 0"
    if not _LEAST <= Decimal(text) < _LIMIT:
        return f"has the rate {text}, which must be above 0 within 18 decimals and below {_LIMIT:,}"
    return None
