"""The demo: complete, repeatable, and gone without a trace of a process."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.readers import Marts

from ..conftest import run_cli

SECTIONS = (
    "customers", " people: ", " a month from ", "Sales by currency", "Segments", "Points",
    "Messages", "An email of ", "A text message of ", "Files", "make ui", "make docs",
    "stripe-pipeline profile cus_",
)  # fmt: skip


def test_the_summary_has_everything(demo_run: subprocess.CompletedProcess[str]) -> None:
    missing = [section for section in SECTIONS if section not in demo_run.stdout]
    assert missing == []


def test_every_path_that_is_named_exists(demo_run: subprocess.CompletedProcess[str]) -> None:
    listed = demo_run.stdout.partition("\nFiles\n")[2].partition("\nNext:")[0]
    paths = [Path(line.strip()) for line in listed.splitlines() if line.strip()]
    assert len(paths) > 3
    assert [path for path in paths if not path.exists()] == []


def test_progress_is_plain_lines(demo_run: subprocess.CompletedProcess[str]) -> None:
    lines = demo_run.stderr.splitlines()
    assert any("Read Stripe" in line for line in lines)
    assert [line for line in lines if "\x1b" in line or "dagster" in line.lower()] == []


def test_everything_is_its_owners_alone(demo_home: Path) -> None:
    assert json.loads((demo_home.parent / "shared.json").read_bytes()) == []


def test_no_process_is_left_behind(demo_home: Path) -> None:
    mark = str(demo_home).encode()
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            is_of_demo = mark in command or mark in (folder / "environ").read_bytes()
            # The demo has ended, so what it left is no one's; these tests' helpers have parents.
            is_of_tests = os.getppid() in _ancestors(int(folder.name))
        except OSError:  # it ended just now, or isn't ours
            continue
        if is_of_demo and not is_of_tests:
            left.append(command.replace(b"\0", b" "))
    assert left == []


def _ancestors(process: int) -> list[int]:
    """The parents of a process, up to the first of all."""
    found: list[int] = []
    while process > 1:
        stat = Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
        found.append(process)
    return found


@pytest.mark.slow
def test_a_second_run_changes_no_row_and_exports_nothing_twice(
    demo_run: subprocess.CompletedProcess[str], demo_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    before, exported = all_marts(home), files_below(home / "exports")
    again = run_cli("demo", "--home", str(home), folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert files_below(home / "exports") == exported
    assert all_marts(home) == before
    assert again.stdout.replace(str(home), "HOME") == demo_run.stdout.replace(
        str(demo_home), "HOME"
    )


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = run_cli("demo", "--home", str(tmp_path), folder=tmp_path)
    assert done.returncode == 2
    assert "--home" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_outbox_knows_what_this_very_run_exported(
    demo_run: subprocess.CompletedProcess[str], demo_home: Path
) -> None:
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select count(*) from activation.outbox where status = 'rehearsed'"
        ).fetchall()
    lines = [path.read_text().splitlines() for path in (demo_home / "exports").rglob("*.jsonl")]
    assert rows[0][0] == sum(map(len, lines)) > 0


@pytest.mark.parametrize("mart", ["orders", "customer_profiles", "loyalty_ledger"])
def test_what_is_published_is_what_the_warehouse_has(demo_home: Path, mart: str) -> None:
    published = Marts(load_settings(STRIPE_PIPELINE_HOME=demo_home))
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(f"from marts.{mart} order by all").fetchall()
    assert rows
    assert [tuple(row.values()) for row in published.rows(mart, "from mart order by all")] == rows


def all_marts(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every published mart, in an order that only the rows decide."""
    marts = Marts(load_settings(STRIPE_PIPELINE_HOME=home))
    names = sorted(path.stem for path in marts.folder.glob("*.parquet"))
    # The outbox is published before a run's exports add to it, so it is one run behind.
    return {name: marts.rows(name, "from mart order by all") for name in names if name != "outbox"}


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
