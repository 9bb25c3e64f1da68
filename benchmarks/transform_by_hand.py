"""The marts as one DuckDB script: `python -m benchmarks.transform_by_hand HOME`.

Reads the home's lake, writes `by_hand.duckdb` beside it. Same memory limit, threads and Python
functions as dbt's connection.
"""

import sys
from pathlib import Path
from typing import Any

import duckdb
import yaml

from benchmarks.transform_lakes import EXCHANGE_RATES
from stripe_pipeline.settings.demo_mark import DEMO_NOW
from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT
from stripe_pipeline.warehouse.dbt_plugin import Plugin

SCRIPT = Path(__file__).with_name("by_hand.sql")
DATABASE = "by_hand.duckdb"


def main(home: Path) -> None:
    """Run the script into a new database."""
    (home / DATABASE).unlink(missing_ok=True)
    with duckdb.connect(str(home / DATABASE)) as connection:
        Plugin("contacts", {"lake": home / "lake"}).configure_connection(connection)
        for name, value in _settings().items():
            connection.execute(f"set {name} = '{value}'")
        connection.execute("set variable lake = ?", [str(home / "lake")])
        connection.execute("set variable seeds = ?", [str(DBT_PROJECT / "seeds")])
        connection.execute("set variable rates = ?", [str(home / EXCHANGE_RATES)])
        connection.execute("set variable as_of = ?", [DEMO_NOW.replace(tzinfo=None)])
        connection.execute(SCRIPT.read_text())


def _settings() -> dict[str, Any]:
    """DuckDB's settings as dbt's profile gives them."""
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())
    warehouse = profile["stripe_pipeline"]["outputs"]["warehouse"]
    return {**warehouse["settings"], "threads": warehouse["threads"]}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
