"""Read the published marts, and what their columns mean, without touching the warehouse."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.patterns import exactly
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.money import in_decimals
from stripe_pipeline.warehouse.damaged import reading_table
from stripe_pipeline.warehouse.publish import CLOCK, published_set
from stripe_pipeline.warehouse.queries import QUERIES, SCHEMA, create_views, query_path

Row = dict[str, Any]

_JSON = msgspec.json.Decoder(float_hook=Decimal)


class _Manifest(msgspec.Struct):
    nodes: dict[str, dict[str, Any]]


class Marts:
    """The newest published set: a consistent snapshot of all marts."""

    def __init__(self, settings: Settings) -> None:
        """Raises PipelineError when nothing is published yet."""
        self.folder = published_set(settings)

    def path(self, mart: str) -> str:
        """Return the path of a mart's Parquet file, or of the query that it is published as."""
        return exactly(self._file(mart))

    def rows(self, mart: str, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Query one mart, which the query calls `mart`; timestamps are UTC, without a zone.

        Raises:
            PipelineError: an older run published the marts, without this one, or it is damaged.
        """
        path, file = self.path(mart), self._file(mart)
        if not file.exists():
            raise PipelineError(
                f"{mart} isn't among what is published in {self.folder}; run "
                "`stripe-pipeline run`, which publishes all marts again."
            )
        with reading_table(file), duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            if mart in QUERIES:
                create_views(connection, self._tables(), file)
                result = connection.execute(
                    f"with mart as (from {SCHEMA}.{mart}) {query}", list(parameters)
                )
            else:
                result = connection.execute(
                    f"with mart as (from read_parquet(?)) {query}", [path, *parameters]
                )
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _file(self, mart: str) -> Path:
        is_query = mart in QUERIES
        return query_path(self.folder, mart) if is_query else self.folder / f"{mart}.parquet"

    def _tables(self) -> dict[str, Path]:
        """Return the published Parquet files by the names of their tables in the warehouse."""
        files = {file.stem: file for file in self.folder.glob("*.parquet")}
        return {
            f"{CLOCK[0] if name == CLOCK[1] else SCHEMA}.{name}": file
            for name, file in files.items()
        }

    def clock(self) -> Row:
        """Return the marts' as-of instant (`as_of`, UTC; `as_of_local`) and reporting settings.

        Raises:
            PipelineError: an older run published the marts, without it.
        """
        return self.rows("run_clock", "from mart")[0]


def meanings(settings: Settings, model: str) -> dict[str, str]:
    """Return each column's dbt description for a model; empty before the first run."""
    return {name: column["description"] for name, column in _node(settings, model)[1].items()}


def description(settings: Settings, model: str) -> str:
    """Return a model's dbt description; empty before the first run."""
    return _node(settings, model)[0]


def _node(settings: Settings, model: str) -> tuple[str, dict[str, Any]]:
    manifest = settings.home / "dbt" / "manifest.json"
    try:
        nodes = msgspec.json.decode(manifest.read_bytes(), type=_Manifest).nodes.values()
    except (OSError, msgspec.MsgspecError):  # the next run writes it again
        return "", {}
    found = [node for node in nodes if node["name"] == model and node["resource_type"] == "model"]
    return (found[0]["description"], found[0]["columns"]) if found else ("", {})


def to_json(value: object) -> str:
    """Return JSON for programs: decimals as text, so that no digit is lost; instants in UTC."""
    return msgspec.json.format(msgspec.json.encode(_plain(value)), indent=2).decode()


def from_json(text: str) -> Any:
    """Parse a JSON column; numbers with a decimal point are parsed as decimals, not floats."""
    return _JSON.decode(text)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC)
    return str(value) if isinstance(value, Path) else value


def as_text(value: Any, currency: str = "") -> str:
    """Format one cell for display; empty for null. A decimal is an amount in `currency`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dict):
        # The marts' maps have currencies as keys.
        return ", ".join(f"{key} {as_text(item, key)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, Decimal):
        return f"{in_decimals(value, currency):,f}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else _printable(str(value))


def _printable(text: str) -> str:
    """Return one line without control characters: a customer's name may hold anything."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
