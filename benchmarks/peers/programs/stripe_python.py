"""stripe-python's auto_paging_iter into pandas into DuckDB, as one writes it in an afternoon.

Run with the environment of stripe_python.txt: `python stripe_python.py BASE FOLDER`.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import stripe


def main(base: str, folder: Path) -> None:
    """Load three resources into a table each, nested parts as JSON."""
    client = stripe.StripeClient(os.environ["STRIPE_API_KEY"], base_addresses={"api": base})
    lists: dict[str, Any] = {
        "customers": client.v1.customers.list({"limit": 100}),
        "invoices": client.v1.invoices.list({"limit": 100}),
        "subscriptions": client.v1.subscriptions.list({"limit": 100, "status": "all"}),
    }
    with duckdb.connect(str(folder / "tables.duckdb")) as warehouse:
        for name, first_page in lists.items():
            rows = [_row(each.to_dict()) for each in first_page.auto_paging_iter()]
            warehouse.register("frame", pd.DataFrame(rows))
            warehouse.execute(f"create table {name} as select * from frame")
            print(warehouse.table(name).count("*").fetchall())


def _row(whole: dict[str, Any]) -> dict[str, Any]:
    return {
        # The SDK makes Decimals of decimal strings.
        name: json.dumps(value, default=str) if isinstance(value, dict | list) else value
        for name, value in whole.items()
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
