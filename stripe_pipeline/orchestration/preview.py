"""Dagster's metadata of a table: its row count, and a few rows without personal data."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

# Imported here, while dbt may be parsing its project, and not when a run waits for the preview.
import pandas as pd

PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 12
# Text is personal until proven otherwise: only ids and these enumerations are shown.
_PLAIN_TEXT = {
    "channel", "currency", "move", "movement", "reason", "rule", "segment", "status",
}  # fmt: skip
_PLAIN_TEXT_ENDINGS = ("_currency", "_id", "_source", "_status", "_type")
_PLAIN_KINDS = ("BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "HUGEINT", "INTEGER", "TIMESTAMP")
# A merchant's own metadata may hold anything, whatever its key is called.
_FREE_TEXT_PREFIXES = ("metadata_", "stripe_metadata_")


def is_plain(column: str, kind: str) -> bool:
    """Return whether a column may be shown: an id, a number, a date or one of _PLAIN_TEXT."""
    if column.startswith(_FREE_TEXT_PREFIXES):
        return False
    if kind.startswith("VARCHAR"):
        return column in _PLAIN_TEXT or column.endswith(_PLAIN_TEXT_ENDINGS)
    return kind.startswith(_PLAIN_KINDS) and not kind.endswith("]")


def table_metadata(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str
) -> dict[str, Any]:
    """Return a table's row count and preview as Dagster metadata; empty for a missing table."""
    columns = _columns(connection, schema, table)
    if not columns:
        return {}
    relation = f'"{schema}"."{table}"'
    counted = connection.execute(f"select count(*) from {relation}").fetchone()
    metadata: dict[str, Any] = {"dagster/row_count": counted[0] if counted else 0}
    shown = [name for name, kind in columns if is_plain(name, kind)][:PREVIEW_COLUMNS]
    if shown:
        metadata["preview"] = dg.MetadataValue.md(_markdown(connection, relation, shown))
    return metadata


def rows_as_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as a table in Markdown; a list in a cell has commas."""
    if not rows:
        return "No one."
    shown = [
        {name: ", ".join(cell) if isinstance(cell, list) else cell for name, cell in row.items()}
        for row in rows
    ]
    return pd.DataFrame(shown).fillna("").to_markdown(index=False)


def _columns(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str
) -> list[tuple[str, str]]:
    return connection.execute(
        """
        select column_name, data_type from information_schema.columns
        where table_schema = ? and table_name = ? order by ordinal_position
        """,
        [schema, table],
    ).fetchall()


def _markdown(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    query = f"select {names} from {relation} order by all limit {PREVIEW_ROWS}"
    rows: pd.DataFrame = connection.execute(query).df()
    return rows.to_markdown(index=False)
