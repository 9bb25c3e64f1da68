"""A Singer tap and target: tap-stripe piped into target-duckdb.

Run with the environment of singer_tap.txt, and that of singer_target.txt as the second:
`python singer.py BASE FOLDER TARGET_PYTHON`. The tap takes no base address and measures requests by
a pattern of api.stripe.com: so that host stays, over plain HTTP, and the demo store is its proxy.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

STREAMS = ("customers", "invoices", "invoice_line_items", "subscriptions")
TAP = (
    "import sys, stripe, tap_stripe; stripe.api_base = 'http://api.stripe.com'; "
    "sys.exit(tap_stripe.main())"
)
TARGET = "import sys, target_duckdb; sys.exit(target_duckdb.main())"


def main(base: str, folder: Path, target_python: str) -> None:
    """Let the tap describe itself, choose the streams, and load them into a table each."""
    configuration = _write(
        folder / "tap.json",
        {
            "client_secret": os.environ["STRIPE_API_KEY"],
            "account_id": "acct_demo",
            "start_date": "2018-01-01T00:00:00Z",
            # One window for all of it: the tap's usual 30 days would be three times the requests.
            "date_window_size": 10_000,
        },
    )
    surroundings = {**os.environ, "http_proxy": base, "HTTP_PROXY": base, "no_proxy": ""}
    tap = [sys.executable, "-c", TAP, "--config", configuration]
    described = subprocess.run([*tap, "--discover"], env=surroundings, capture_output=True)
    _check(described.returncode, described.stderr)
    catalog = _write(folder / "catalog.json", _chosen(json.loads(described.stdout)))
    wanted = {"path": str(folder / "tables.duckdb"), "default_target_schema": "stripe"}
    target = [target_python, "-c", TARGET, "--config", _write(folder / "target.json", wanted)]
    with (folder / "tap.log").open("wb") as log:
        reading = subprocess.Popen(
            [*tap, "--catalog", catalog], env=surroundings, stdout=subprocess.PIPE, stderr=log
        )
        loading = subprocess.run(target, stdin=reading.stdout, capture_output=True)
    _check(reading.wait(), (folder / "tap.log").read_bytes())
    _check(loading.returncode, loading.stderr)


def _chosen(catalog: dict[str, Any]) -> dict[str, Any]:
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = stream["tap_stream_id"] in STREAMS
    return catalog


def _write(path: Path, content: dict[str, Any]) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def _check(code: int, log: bytes) -> None:
    if code:
        sys.exit(log.decode(errors="replace")[-2000:] or f"ended with {code}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
