"""What a template sees of a profile: plain values that print as a person would write them."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from stripe_pipeline.activation.amounts import Amount, rounded
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.settings import PROJECT_ROOT

# Which currency has how many decimals at Stripe; one that isn't listed has two.
CURRENCIES = PROJECT_ROOT / "dbt_project" / "seeds" / "currencies.csv"
_USUAL_EXPONENT = 2

# Amounts that aren't in the reporting currency, and the column that names theirs.
CURRENCY_COLUMNS: Mapping[str, str] = {"stripe_order_last_value": "stripe_order_last_currency"}


class PlainMap(dict[str, Any]):
    """A map such as sales by currency, printed as `eur 12.00, usd 3.50`."""

    def __str__(self) -> str:
        return ", ".join(f"{key} {value}" for key, value in self.items())


@dataclass(frozen=True)
class Reading:
    """In which zone dates are shown, and in which currency the totals are."""

    zone: ZoneInfo
    reporting_currency: str


def liquid_rows(profiles: pa.RecordBatch, reading: Reading) -> Iterator[Mapping[str, Any]]:
    """Turn rows of customer_profiles into what templates see.

    A timestamp (UTC, without a zone in the marts) becomes the date in the reporting zone; an
    amount has its currency's decimals; a null stays null, which prints as nothing and takes the
    `default` filter.
    """
    kinds = {field.name: field.type for field in profiles.schema}
    for row in profiles.to_pylist(maps_as_pydicts="strict"):
        yield {
            name: _plain(value, kinds[name], _currency_of(name, row, reading), reading.zone)
            for name, value in row.items()
        }


def day_in(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in a zone; an instant without a zone is UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(zone).date()


def _plain(value: Any, kind: pa.DataType, currency: str, zone: ZoneInfo) -> Any:
    if value is None:
        return None
    if pa.types.is_timestamp(kind):
        return _day(value, zone)
    if pa.types.is_decimal(kind):
        return in_decimals(value, currency)
    if pa.types.is_map(kind):
        # The maps of a profile are by currency.
        pairs = sorted(value.items())
        return PlainMap((key, _plain(item, kind.item_type, key, zone)) for key, item in pairs)
    return value


def _day(instant: datetime, zone: ZoneInfo) -> date:
    try:
        return day_in(instant, zone)
    except OverflowError:
        return instant.date()  # at the calendar's first or last day, where no zone fits


def _currency_of(column: str, row: Mapping[str, Any], reading: Reading) -> str:
    named_by = CURRENCY_COLUMNS.get(column)
    return (row[named_by] if named_by else None) or reading.reporting_currency


def in_decimals(value: Decimal, currency: str) -> Amount:
    """An amount in the major unit with its currency's decimals, unless that would round it."""
    exponent = _exponents(CURRENCIES).get(currency, _USUAL_EXPONENT)
    exact = rounded(value, exponent)
    if exact == value:
        return Amount(exact, currency, exponent)
    return Amount(value, currency, -int(value.as_tuple().exponent))


@cache
def _exponents(path: Path) -> Mapping[str, int]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["currency"]: int(row["exponent"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError):
        raise PipelineError(
            f"The decimals of currencies can't be read from {path}; restore that file."
        ) from None
