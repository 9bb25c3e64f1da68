"""A warehouse that another person has open: a patient wait, then a sentence that names them."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.cli.commands.app import run_command
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse import transform
from stripe_pipeline.warehouse.transform import wait_for_warehouse

HOLD = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reading")
print("open", flush=True)
time.sleep(float(sys.argv[3]))
connection.close()
"""


class Holder:
    """A process of another person's that has the warehouse open for some seconds."""

    def __init__(self, warehouse: Path, how: str, seconds: float) -> None:
        arguments = [sys.executable, "-c", HOLD, str(warehouse), how, str(seconds)]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "open\n"

    def __enter__(self) -> "Holder":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.process.communicate()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path / "home")
    settings.home.mkdir()
    duckdb.connect(str(settings.warehouse)).close()
    return settings


@pytest.fixture
def quiet() -> Iterator[None]:
    """Undo what main() does to the product's logger."""
    logger = logging.getLogger("stripe_pipeline")
    level, handlers = logger.level, list(logger.handlers)
    yield
    logger.setLevel(level)
    logger.handlers = handlers


@pytest.mark.parametrize("how", ["writing", "reading"])
def test_patience_ends_with_the_holders_process_id(settings: Settings, how: str) -> None:
    with Holder(settings.warehouse, how, 60) as holder, pytest.raises(PipelineError) as error:
        wait_for_warehouse(settings, patience=0.2)
    assert f"process {holder.process.pid}" in str(error.value)
    assert str(settings.warehouse) in str(error.value)


def test_the_wait_ends_when_the_holder_leaves(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), Holder(settings.warehouse, "writing", 1.5) as holder:
        wait_for_warehouse(settings, patience=30)
    waiting = [record.getMessage() for record in caplog.records]
    assert len(waiting) == 1
    assert f"process {holder.process.pid}" in waiting[0]


def test_no_one_holds_a_warehouse_that_is_not_there(tmp_path: Path) -> None:
    wait_for_warehouse(load_settings(STRIPE_PIPELINE_HOME=tmp_path))


def test_a_warehouse_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_text("not a database at all, " * 1000)
    with pytest.raises(PipelineError, match="computes it from the lake"):
        wait_for_warehouse(load_settings(STRIPE_PIPELINE_HOME=tmp_path), patience=0)


def test_a_run_says_so_before_it_reads_stripe(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    quiet: None,
) -> None:
    monkeypatch.setattr(transform, "WAREHOUSE_PATIENCE_SECONDS", 0.2)
    monkeypatch.setenv("STRIPE_PIPELINE_HOME", str(settings.home))
    monkeypatch.setenv("STRIPE_API_KEY", "rk_test_51Habcdefghijkl")
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:9")
    with Holder(settings.warehouse, "writing", 60) as holder, pytest.raises(SystemExit) as exit_:
        run_command(["run"])
    said = capfd.readouterr()
    assert exit_.value.code == 1
    assert said.out == ""
    assert f"process {holder.process.pid}" in said.err.splitlines()[-1]
    assert not (settings.home / "lake").exists()


def test_what_a_killed_run_had_put_aside_is_removed(tmp_path: Path) -> None:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path)
    duckdb.connect(str(settings.warehouse)).close()
    aside = settings.warehouse.with_name(f"{settings.warehouse.name}.tmp")
    aside.mkdir()
    (aside / "duckdb_temp_1_0_storage_DEFAULT-0.tmp").write_text("ada@mail.example")
    with Holder(settings.warehouse, "reading", 60), pytest.raises(PipelineError):
        wait_for_warehouse(settings, 0)
    assert aside.exists()
    wait_for_warehouse(settings, 0)
    assert not aside.exists()
