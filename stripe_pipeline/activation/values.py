"""Convert a profile's columns to the values that templates see and print."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from stripe_pipeline.values.dates import day_in
from stripe_pipeline.values.money import Minor, in_decimals

# Amounts that aren't in the reporting currency, and the column that names theirs.
CURRENCY_COLUMNS: Mapping[str, str] = {
    "stripe_order_last_value": "stripe_order_last_currency",
    "stripe_order_last_value_minor": "stripe_order_last_currency",
    "stripe_unpaid_invoice_amount": "stripe_unpaid_invoice_currency",
    "stripe_unpaid_invoice_amount_minor": "stripe_unpaid_invoice_currency",
}
# How the name of an amount in the minor unit ends.
MINOR = "_minor"


class PlainMap(dict[str, Any]):
    """A map such as sales by currency, printed as `eur 12.00, usd 3.50`."""

    def __str__(self) -> str:
        return ", ".join(f"{key} {value}" for key, value in self.items())


@dataclass(frozen=True)
class Formatting:
    """The reporting zone, in which dates are shown, and the reporting currency of the totals."""

    zone: ZoneInfo
    reporting_currency: str


def liquid_rows(profiles: pa.RecordBatch, formatting: Formatting) -> Iterator[Mapping[str, Any]]:
    """Yield rows of customer_profiles as templates see them.

    A timestamp (UTC, without a zone in the marts) becomes the date in the reporting zone; an
    amount has its currency's decimals; a null stays null, which prints as nothing and takes the
    `default` filter.
    """
    kinds = {field.name: field.type for field in profiles.schema}
    for row in profiles.to_pylist(maps_as_pydicts="strict"):
        yield {
            name: _plain(
                value, kinds[name], _currency_of(name, row, formatting), formatting.zone,
                is_minor=name.endswith(MINOR),
            )
            for name, value in row.items()
        }  # fmt: skip


def _plain(
    value: Any, kind: pa.DataType, currency: str, zone: ZoneInfo, *, is_minor: bool = False
) -> Any:
    if value is None:
        return None
    if pa.types.is_timestamp(kind):
        return _day(value, zone)
    if pa.types.is_decimal(kind):
        return in_decimals(value, currency)
    if is_minor:
        return Minor(value, currency)
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


def _currency_of(column: str, row: Mapping[str, Any], formatting: Formatting) -> str:
    named_by = CURRENCY_COLUMNS.get(column)
    return (row[named_by] if named_by else None) or formatting.reporting_currency
