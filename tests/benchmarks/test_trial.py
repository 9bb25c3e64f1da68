"""One tool's run ends in a row, whatever becomes of it."""

from pathlib import Path

import pytest

from benchmarks.front import PACES
from benchmarks.measure import Bounds
from benchmarks.peers.catalogue import BARE, STRIPE_PYTHON, SUPABASE, THIS, Peer
from benchmarks.peers.report import TITLES
from benchmarks.peers.trial import RATE_LIMITS, Merchant, attempt, reason

ALL = Bounds(seconds=120)

# Loads what stripe-python would, but for the first invoice: {store} is the demo store's own file.
LOSES_A_ROW = """
import sys, duckdb, sqlite3
store = sqlite3.connect("{store}")
with duckdb.connect(sys.argv[2] + "/tables.duckdb") as warehouse:
    for name in ("customers", "invoices", "subscriptions"):
        rows = store.execute(
            "select id, json_extract(cast(body as text), '$.total'), "
            "json_extract(cast(body as text), '$.lines') "
            "from objects where resource = ? and is_listed", [name]).fetchall()
        warehouse.execute(f"create table {{name}} (id text, total bigint, lines text)")
        warehouse.executemany(
            f"insert into {{name}} values (?, ?, ?)", rows[1:] if name == "invoices" else rows)
"""


def _peer(folder: Path, program: str, peer: Peer = THIS) -> Peer:
    path = folder / "program.py"
    path.write_text(program)
    return Peer("made", "made for the test", (str(path),), tables=peer.tables)


def test_this_sync_loads_every_row(merchant: Merchant, tmp_path: Path) -> None:
    row = attempt(THIS, merchant, "unlimited", ALL, tmp_path)
    assert row.rows == "all right"
    assert row.figures
    assert row.figures.objects == merchant.truth.objects
    assert min(row.figures.cpu, row.figures.memory, row.figures.requests_a_second) > 0


def test_the_bare_client_reads_the_same_and_keeps_none(merchant: Merchant, tmp_path: Path) -> None:
    row = attempt(BARE, merchant, "live", ALL, tmp_path)
    assert row.rows == "keeps none"
    assert row.figures
    assert row.figures.objects == merchant.truth.objects


def test_a_lost_row_and_lost_lines_are_told(merchant: Merchant, tmp_path: Path) -> None:
    program = LOSES_A_ROW.format(store=merchant.store.file)
    peer = _peer(tmp_path, program, STRIPE_PYTHON)
    row = attempt(peer, merchant, "unlimited", ALL, tmp_path)
    assert "1 invoice missing" in row.rows
    assert "lines missing" in row.rows


def test_a_tool_that_fails_says_why(merchant: Merchant, tmp_path: Path) -> None:
    peer = _peer(tmp_path, "raise ValueError('no such thing as /usr/share/it')")
    row = attempt(peer, merchant, "unlimited", ALL, tmp_path)
    assert row.figures is None
    assert row.rows == "failed: ValueError: no such thing as ..."


def test_a_tool_that_leaves_no_table_says_so(merchant: Merchant, tmp_path: Path) -> None:
    row = attempt(_peer(tmp_path, ""), merchant, "unlimited", ALL, tmp_path)
    assert row.rows.startswith("no tables: ")
    assert str(tmp_path) not in row.rows


def test_a_tool_that_runs_on_is_stopped_and_rated(merchant: Merchant, tmp_path: Path) -> None:
    reads_one_page = (
        "import httpx, os, sys, time\n"
        "httpx.get(sys.argv[1] + '/v1/customers?limit=7', auth=(os.environ['STRIPE_API_KEY'], ''))"
        "\ntime.sleep(600)"
    )
    row = attempt(_peer(tmp_path, reads_one_page), merchant, "live", Bounds(seconds=4), tmp_path)
    assert row.rows == "stopped after 4 s"
    assert row.figures
    assert row.figures.objects == 7


def test_a_tool_that_cannot_be_had_says_why(
    merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    row = attempt(STRIPE_PYTHON, merchant, "unlimited", ALL, tmp_path)
    assert row.figures is None
    assert row.rows.startswith("not installed: ")


def test_a_tool_without_its_installer_says_why(
    merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    row = attempt(SUPABASE, merchant, "unlimited", ALL, tmp_path)
    assert row.rows == "not installed: there is no npm on this machine"


def test_a_reason_is_one_line_without_paths() -> None:
    said = "Traceback:\n  File x\n\nOSError: http://127.0.0.1:99/v1/customers: gone, see /a/b.txt\n"
    assert reason(said) == "OSError: ... gone, see ..."
    assert reason("") == "it ended without a word"
    assert len(reason("x" * 999)) < 200


def test_every_pace_has_its_rate() -> None:
    assert set(TITLES) == set(RATE_LIMITS) <= set(PACES)
