"""The marts as one DuckDB script: `python -m benchmarks.transform_by_hand HOME`.

Reads the home's lake, writes `by_hand.duckdb` beside it. Same memory limit and threads as dbt's
connection; it calls the Python functions row by row.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import yaml
from duckdb.func import FunctionNullHandling

from benchmarks.transform_lakes import EXCHANGE_RATES
from stripe_pipeline.contacts.countries import country_code
from stripe_pipeline.contacts.languages import language_tag
from stripe_pipeline.contacts.names import first_name, last_name
from stripe_pipeline.contacts.phone_and_email import normalize_phone
from stripe_pipeline.settings.demo_mark import DEMO_NOW
from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT

SCRIPT = Path(__file__).with_name("by_hand.sql")
DATABASE = "by_hand.duckdb"
TEXT = duckdb.sqltype("VARCHAR")
# Each with its number of text parameters.
FUNCTIONS: tuple[tuple[Callable[..., str | None], int], ...] = (
    (normalize_phone, 2), (country_code, 1), (language_tag, 1), (first_name, 3), (last_name, 3),
)  # fmt: skip


def main(home: Path) -> None:
    """Run the script into a new database."""
    (home / DATABASE).unlink(missing_ok=True)
    with duckdb.connect(str(home / DATABASE)) as connection:
        for function, parameters in FUNCTIONS:
            connection.create_function(
                function.__name__, function, [TEXT] * parameters, TEXT,
                null_handling=FunctionNullHandling.SPECIAL,
            )  # fmt: skip
        for name, value in duckdb_settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute("set variable lake = ?", [str(home / "lake")])
        connection.execute("set variable seeds = ?", [str(DBT_PROJECT / "seeds")])
        connection.execute("set variable rates = ?", [str(home / EXCHANGE_RATES)])
        connection.execute("set variable as_of = ?", [DEMO_NOW.replace(tzinfo=None)])
        connection.execute(SCRIPT.read_text())


def duckdb_settings() -> dict[str, Any]:
    """DuckDB's settings as dbt's profile gives them."""
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())
    warehouse = profile["stripe_pipeline"]["outputs"]["warehouse"]
    return {**warehouse["settings"], "threads": warehouse["threads"]}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
