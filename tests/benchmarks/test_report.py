"""The tables say what was measured, and compare within one run."""

from io import StringIO

from rich.console import Console
from typer.testing import CliRunner

from benchmarks.__main__ import app
from benchmarks.peers.catalogue import BARE, DLT, SINGER, THIS, Peer
from benchmarks.peers.command import plan
from benchmarks.peers.report import as_markdown, on_terminal
from benchmarks.peers.trial import Figures, Row


def _row(peer: Peer, rate: float, cpu: float, requests: float, customers: int = 1_000) -> Row:
    return Row(peer, customers, Figures(6_400, rate, cpu, 64_000_000, requests), "all right")


ROWS = [
    _row(BARE, 8_000, 0.01, 100, 20_000),
    _row(THIS, 500, 0.3, 50),
    _row(THIS, 6_000, 0.05, 96, 20_000),
    _row(DLT, 120, 3.0, 4.5),
    _row(SINGER, 80, 1.5, 4.5),
    Row(SINGER, 1_000, None, "failed: KeyError: 'id'"),
]


def test_the_page_has_every_row_and_the_ratios() -> None:
    page = as_markdown("live", ROWS)
    assert page.splitlines()[2].startswith("| tool | customers | objects/s |")
    assert "| dlt, DuckDB | 1,000 | 120 | 3.000 | 64 MB | 4.5 | all right |" in page
    assert "| | | | | failed: KeyError: 'id' |" in page.replace("|  |", "| |").replace(
        "|  |", "| |"
    )
    assert "96% of the bare client's requests/s and takes 5.0 times its CPU" in page
    assert "50 times the objects/s of the fastest other (dlt, DuckDB)" in page
    assert "1/30 of the CPU of the lightest other (tap-stripe, target-duckdb)" in page


def test_nothing_is_compared_that_was_not_measured() -> None:
    alone = as_markdown("live", [_row(DLT, 120, 3.0, 4.5)])
    failed = as_markdown("live", [Row(THIS, 1_000, None, "failed: OSError"), ROWS[3]])
    assert "times" not in alone
    assert "times" not in failed


def test_the_terminal_shows_the_same_rows() -> None:
    page = StringIO()
    Console(width=120, file=page).print(on_terminal("live", ROWS))
    shown = page.getvalue()
    assert "failed: KeyError: 'id'" in shown
    assert "6,000" in shown


def test_only_this_sync_and_the_bare_client_read_the_large_merchant() -> None:
    tasks = plan("live", [BARE, THIS, DLT], 20_000, 1_000)
    large = [task.peer for task in tasks if task.customers == 20_000]
    assert large == [BARE, THIS]
    assert [task.peer for task in tasks if task.customers == 1_000] == [BARE, THIS, DLT]


def test_an_unknown_tool_is_refused_before_anything_runs() -> None:
    result = CliRunner().invoke(app, ["peers", "--peers", "this,that"])
    assert result.exit_code == 2
    assert "that is none of bare, this" in " ".join(result.output.split())
