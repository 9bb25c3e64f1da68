"""What a template sees of a profile: plain values that print as a person would write them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa


class PlainDecimal(Decimal):
    """A decimal that prints its digits, never an exponent: 0.00, not 0E-10."""

    def __str__(self) -> str:
        return format(self, "f")


class PlainMap(dict[str, Any]):
    """A map such as sales by currency, printed as `eur 12.00, usd 3.50`."""

    def __str__(self) -> str:
        return ", ".join(f"{key} {value}" for key, value in self.items())


def liquid_rows(batch: pa.RecordBatch, zone: ZoneInfo) -> Iterator[Mapping[str, Any]]:
    """Turn rows of a mart into what templates see.

    A timestamp (UTC, without a zone in the marts) becomes the date in the reporting zone; a null
    stays null, which prints as nothing and takes the `default` filter.
    """
    columns = [
        [_plain(value, field.type, zone) for value in batch.column(position).to_pylist()]
        for position, field in enumerate(batch.schema)
    ]
    names = batch.schema.names
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def day_in(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in a zone; an instant without a zone is UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(zone).date()


def _plain(value: Any, kind: pa.DataType, zone: ZoneInfo) -> Any:
    if value is None:
        return None
    if pa.types.is_timestamp(kind):
        return day_in(value, zone)
    if pa.types.is_decimal(kind):
        return PlainDecimal(value)
    if pa.types.is_map(kind):
        return PlainMap((key, _plain(item, kind.item_type, zone)) for key, item in sorted(value))
    if pa.types.is_list(kind):
        return [_plain(item, kind.value_type, zone) for item in value]
    return value
