"""This sync, of the three resources that every tool reads: `python this_sync.py BASE FOLDER`."""

import sys
from pathlib import Path

import duckdb

from stripe_pipeline.ingestion.sync import sync
from stripe_pipeline.settings import load_settings

RESOURCES = ("customers", "invoices", "subscriptions")


def main(base: str, folder: Path) -> None:
    """Read into the lake, and count the rows that SQL sees there."""
    home = folder / "var"
    sync(
        load_settings(STRIPE_API_BASE=base, STRIPE_PIPELINE_HOME=home),
        resources=RESOURCES,
    )
    with duckdb.connect(str(folder / "tables.duckdb")) as warehouse:
        for name in RESOURCES:
            pattern = home / "lake" / name / "*.parquet"
            warehouse.execute(
                f"create view {name} as select * from read_parquet('{pattern}') "
                "qualify row_number() over "
                "(partition by id order by batch desc, position desc) = 1"
            )
            print(warehouse.table(name).count("*").fetchall())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
