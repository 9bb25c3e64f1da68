"""Which objects are still under way is read from the lake's newest versions."""

import json
from pathlib import Path

import pytest

from stripe_pipeline.ingestion.updates.sweeps import ids_with_status
from stripe_pipeline.lake import Lake, object_table
from tests.fake_stripe.rows import version

OPEN = {"draft", "open"}


def body(status: str | None, indent: int | None = None, **fields: object) -> str:
    return json.dumps({"object": "invoice", **fields, "status": status}, indent=indent)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three batches, in which objects open, close and open again."""
    lake = Lake(tmp_path)
    batches = [
        [
            version("stays", body("open")),
            version("pretty", body("draft", indent=2)),
            version("closes", body("open")),
            version("opens", body("paid")),
            version("goes", body("open")),
            version("twice", body("paid")),
            version("twice", body("open")),
            version("and back", body("open")),
            version("and back", body("paid")),
            version("inside", body("paid", line={"status": "open"})),
            version("nothing", body(None, line={"status": "open"})),
        ],
        [
            version("closes", body("void")),
            version("opens", body("open")),
            version("goes", json.dumps({"id": "goes", "deleted": True}), None, gone=True),
        ],
        [version("again", body("paid")), version("again", body("open", line={"status": "x"}))],
    ]
    for rows in batches:
        lake.append("invoices", object_table(rows), {})
    return lake


def test_only_the_newest_version_and_its_own_status_count(lake: Lake) -> None:
    expected = {"stays", "pretty", "opens", "twice", "again"}
    assert ids_with_status(lake, "invoices", OPEN) == expected
    assert ids_with_status(lake, "invoices", {"void"}) == {"closes"}
    assert ids_with_status(lake, "charges", OPEN) == set()
