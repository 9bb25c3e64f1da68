"""Money is whole numbers and decimals: no float in a table, and none on the way there."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT

FLOAT = re.compile(r"\b(float|float4|float8|double|real)\b", re.IGNORECASE)
# Each of these is, or gives, a float in DuckDB whatever it is given.
MAKES_FLOATS = re.compile(
    r"\b(avg|mean|median|quantile\w*|stddev\w*|var_\w+|ln|log\w*|sqrt|exp|pow|power|random)\s*\("
    r"|(?<![/*])/(?![/*])"
    # 1e3 is a float; 0.001 is a decimal.
    r"|\b\d+(\.\d*)?e[+-]?\d+\b",
    re.IGNORECASE,
)
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
# Not DuckDB's: on Spark `/` of decimals is a decimal.
FOR_SPARK = re.compile(r"\{%-?\s*macro spark__.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)
SQL_COMMENT = re.compile(r"--[^\n]*")
TEXT = re.compile(r"'(?:[^'\n]|'')*'")


def sql_files() -> Iterator[Path]:
    for folder in ("models", "macros", "tests"):
        yield from sorted((DBT_PROJECT / folder).rglob("*.sql"))


def code_of(sql: str) -> str:
    """DuckDB's SQL without comments and literal texts."""
    for ignored in (JINJA_COMMENT, FOR_SPARK, SQL_COMMENT):
        sql = ignored.sub("", sql)
    return TEXT.sub("''", sql)


def test_no_column_of_the_warehouse_is_a_float(demo_home: Path) -> None:
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as warehouse:
        columns = warehouse.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            " where database_name = current_database() and not internal"
        ).fetchall()
    assert {"raw", "staging", "intermediate", "marts", "seeds"} <= {row[0] for row in columns}
    assert [row for row in columns if FLOAT.search(row[3])] == []


def test_no_sql_makes_a_float() -> None:
    files = list(sql_files())
    assert len(files) > 80
    found = [
        f"{path.relative_to(DBT_PROJECT)}: {match.group()}"
        for path in files
        for pattern in (FLOAT, MAKES_FLOATS)
        for match in pattern.finditer(code_of(path.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize(
    "sql",
    ["cast(a as double)", "a::float", "a / b", "avg(a)", "1e3 * a", "a/b", "quantile_cont(a, 1)"],
)
def test_what_makes_a_float_is_found(sql: str) -> None:
    assert FLOAT.search(code_of(sql)) or MAKES_FLOATS.search(code_of(sql))


@pytest.mark.parametrize("sql", ["a // b", "-- a / b", "{# a / b #}", "'a/b'", "0.001 * a", "e1"])
def test_what_makes_none_is_not(sql: str) -> None:
    assert not FLOAT.search(code_of(sql))
    assert not MAKES_FLOATS.search(code_of(sql))
