"""The file of exchange rates that a setting may name.

    day,currency,rate
    2026-01-01,eur,1.0842

A rate is how many units of the reporting currency one unit is worth from that day on. dbt reads the
file itself; here it is checked before a run, so that a slip is told with its line.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from stripe_pipeline.errors import UsageError
from stripe_pipeline.inputs.csv_lines import csv_lines
from stripe_pipeline.settings import Settings

COLUMNS = ("day", "currency", "rate")
_SETTING = "STRIPE_PIPELINE_EXCHANGE_RATES"
_EXAMPLE = "write it as `2026-01-31,eur,1.0842`"
# The warehouse keeps 18 decimals, and its sums have room for rates below the limit.
_LEAST = Decimal("1E-18")
_LIMIT = 1_000_000_000


def check_exchange_rates(settings: Settings) -> None:
    """Check the file of exchange rates that the settings name, if they name one.

    Raises:
        UsageError: the file can't be read, one of its lines can't be used, or two lines give a
            rate for the same day and currency.
    """
    path = settings.exchange_rates
    if path is None:
        return
    lines = csv_lines(path, "file of exchange rates", _SETTING)
    _check_header(path, lines[0][1] if lines else [])
    seen: dict[tuple[str, str], int] = {}
    for number, line in lines[1:]:
        if reason := _refusal(line):
            raise UsageError(f"Line {number} of {path} {reason}; {_EXAMPLE}.")
        key = (line[0], line[1].lower())
        if earlier := seen.get(key):
            raise UsageError(
                f"Line {number} of {path} gives a second rate for {key[1]} on {key[0]}, after line "
                f"{earlier}; remove one of the two."
            )
        seen[key] = number


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
    """What is wrong with a line; None if nothing is."""
    if len(line) != len(COLUMNS):
        return f"has {len(line)} values and not {len(COLUMNS)}"
    day, currency, rate = line
    if not _is_day(day):
        return f"has the day {day or '(none)'}, which is no date such as 2026-01-31"
    if not re.fullmatch("[A-Za-z]{3}", currency):
        return f"has the currency {currency or '(none)'}, which is no code of three letters"
    return _refused_rate(rate)


def _is_day(text: str) -> bool:
    """Whether a text is a date of the calendar, in the one form that can't be misread."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _refused_rate(text: str) -> str | None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return f"has the rate {text or '(none)'}, which is no plain decimal number above 0"
    if not _LEAST <= Decimal(text) < _LIMIT:
        return f"has the rate {text}, which must be above 0 within 18 decimals and below {_LIMIT:,}"
    return None
