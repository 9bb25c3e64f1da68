"""No file takes another's place while dbt reads the lake; anything else goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from stripe_pipeline.ingestion.mirror.upkeep import keep_files_few
from stripe_pipeline.lake import Lake, compact, object_table
from stripe_pipeline.lake.compact import TIERS, Tier, needs_compacting
from stripe_pipeline.lake.read_lock import no_readers, start_reading
from stripe_pipeline.stripe_client.http.keys import Key
from stripe_pipeline.warehouse.dbt_plugin import Plugin

from .test_compact import row

TABLE = "consent_entries"
KEY = Key("sk_test_nobody", "test")


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake with eight files that are due to be merged."""
    monkeypatch.setattr(compact, "TIERS", tuple(Tier(each.smaller_than, 8) for each in TIERS))
    made = Lake(tmp_path / "lake")
    for number in range(1, 9):
        append(made, number)
    assert needs_compacting(made, TABLE)
    return made


def append(lake: Lake, number: int) -> None:
    lake.append(TABLE, object_table([row("entry", str(number))]), {})


def entries(lake: Lake) -> list[str]:
    return [body for part in lake.read(TABLE, ["body"]) for body in part["body"].to_pylist()]


def test_a_merge_waits_until_dbt_is_done(lake: Lake) -> None:
    reading = Plugin("contacts", {"lake": str(lake.root)})
    keep_files_few(lake, KEY)
    assert len(lake.batches(TABLE)) == 8
    del reading
    before = entries(lake)
    keep_files_few(lake, KEY)
    assert len(lake.batches(TABLE)) == 1
    assert entries(lake) == before


def test_several_read_at_once(lake: Lake) -> None:
    with start_reading(lake.root), start_reading(lake.root):
        append(lake, 9)
        with no_readers(lake.root) as may_move_rows:
            assert not may_move_rows
    with no_readers(lake.root) as may_move_rows:
        assert may_move_rows


def test_who_is_killed_reads_no_more(lake: Lake) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from stripe_pipeline.lake.read_lock import start_reading\n"
        "held = start_reading(Path(sys.argv[1])); print('reading', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(lake.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "reading\n"
        with no_readers(lake.root) as may_move_rows:
            assert not may_move_rows
        process.kill()
        process.wait()
        with no_readers(lake.root) as may_move_rows:
            assert may_move_rows
