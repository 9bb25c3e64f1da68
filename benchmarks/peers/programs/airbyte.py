"""Airbyte's Stripe source, and DuckDB's JSON reader for what it prints.

Run with the environment of airbyte.txt: `python airbyte.py BASE FOLDER`. The source is a manifest
without a setting for the base address; it prefers a manifest.yaml in the folder where it is run, so
there it gets its own with another `url_base`. A destination would come on top: reading the source's
output with DuckDB is the lightest there is.
"""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

API = "https://api.stripe.com/v1"
STREAMS = ("customers", "invoices", "subscriptions", "invoice_line_items")


def main(base: str, folder: Path) -> None:
    """Let the source print its records, and load those into a table each."""
    manifest = (files("source_stripe") / "manifest.yaml").read_text()
    (folder / "manifest.yaml").write_text(manifest.replace(API, f"{base}/v1"))
    output = folder / "records.jsonl"
    arguments = ["--config", _configuration(folder), "--catalog", _catalog(folder)]
    with output.open("wb") as records:
        command = [str(Path(sys.executable).with_name("source-stripe")), "read", *arguments]
        ended = subprocess.run(command, cwd=folder, stdout=records, check=False)
    if ended.returncode:
        sys.exit(_last_error(output))
    _load(output, folder / "tables.duckdb")


def _configuration(folder: Path) -> str:
    settings = {
        "client_secret": os.environ["STRIPE_API_KEY"],
        "account_id": "acct_demo",
        "start_date": "2018-01-01T00:00:00Z",
        # One window for all of it: a year each would only be more requests.
        "slice_range": 10_000,
    }
    return _write(folder / "config.json", settings)


def _catalog(folder: Path) -> str:
    streams = [
        {
            "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "overwrite",
        }
        for name in STREAMS
    ]
    return _write(folder / "catalog.json", {"streams": streams})


def _write(path: Path, content: dict[str, Any]) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def _last_error(output: Path) -> str:
    messages = [json.loads(line) for line in output.read_text().splitlines() if line[:1] == "{"]
    errors = [each["trace"]["error"] for each in messages if each["type"] == "TRACE"
              and each["trace"]["type"] == "ERROR"]  # fmt: skip
    return str(errors[-1]["message"]) if errors else "the source ended without a word"


def _load(output: Path, database: Path) -> None:
    with duckdb.connect(str(database)) as warehouse:
        for name in STREAMS:
            warehouse.execute(
                f"create table {name} as select json -> '$.record.data' as body from ("
                "select json from read_ndjson_objects(?, maximum_object_size = 100000000)"
                ") where json ->> '$.record.stream' = ?",
                [str(output), name],
            )
            print(warehouse.table(name).count("*").fetchall())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
