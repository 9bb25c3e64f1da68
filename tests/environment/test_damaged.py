"""What can be computed again is computed again, or says which run does that."""

import json
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.cli.commands.demo import run_demo
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake.checked import Checked
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.settings.demo_mark import MARKER
from stripe_pipeline.warehouse import renewal
from stripe_pipeline.warehouse.damaged import DamagedWarehouseError
from stripe_pipeline.warehouse.dbt_failures import dbt_failure
from stripe_pipeline.warehouse.publish import published_as_of
from stripe_pipeline.warehouse.readers import Marts
from stripe_pipeline.warehouse.renewal import renew_warehouse, renewing
from stripe_pipeline.warehouse.transform import wait_for_warehouse

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _garbage(path: Path) -> None:
    path.write_bytes(b"\xff\x00garbage" * 2000)


def _header(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4200:5200] = b"x" * 1000
    path.write_bytes(content)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").touch()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_HOME=tmp_path / "home")
    settings.home.mkdir()
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("create table old as select range as id from range(100000)")
    return settings


@pytest.mark.parametrize("damage", [_halve, _empty, _garbage, _header, _folder])
def test_a_damaged_warehouse_is_removed_by_a_build_and_by_nothing_else(
    settings: Settings, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    damage(settings.warehouse)
    with pytest.raises(DamagedWarehouseError, match="is damaged; run `stripe-pipeline run`"):
        wait_for_warehouse(settings)
    assert settings.warehouse.exists()
    with caplog.at_level(logging.WARNING), renewing(settings, NOW):
        duckdb.connect(str(settings.warehouse)).close()
    assert [record.getMessage() for record in caplog.records] == [
        f"The warehouse {settings.warehouse} is damaged; computing it again"
    ]
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        assert warehouse.execute("select * from duckdb_tables()").fetchall() == []


def test_a_sync_computes_all_tables_of_a_damaged_warehouse(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[object] = []

    def dbt(*arguments: object) -> bool:
        built.append(arguments)
        return True

    monkeypatch.setattr(renewal, "_dbt", dbt)
    assert not renew_warehouse(settings, NOW)
    assert not built
    _garbage(settings.warehouse)
    assert renew_warehouse(settings, NOW)
    assert len(built) == 1
    assert not settings.warehouse.exists()


def test_a_warehouse_that_only_cannot_be_opened_is_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise duckdb.IOException('IO Error: Cannot open file "/x/w.duckdb": Permission denied')

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(PipelineError, match=r"can't be opened \(Permission denied\)") as error:
        wait_for_warehouse(settings)
    assert not isinstance(error.value, DamagedWarehouseError)


@pytest.mark.parametrize("damage", [_halve, _empty, _garbage, _folder])
def test_a_damaged_published_table_says_which_run_publishes_it(
    settings: Settings, damage: Callable[[Path], None]
) -> None:
    folder = settings.home / ".published" / "0000000001"
    folder.mkdir(parents=True)
    settings.published.symlink_to(folder)
    clock = folder / "run_clock.parquet"
    duckdb.execute(f"copy (select now()::timestamp as as_of) to '{clock}' (format parquet)")
    published = published_as_of(settings)
    assert published is not None
    assert Marts(settings).clock()["as_of"] == published.replace(tzinfo=None)
    damage(clock)
    for read in (Marts(settings).clock, lambda: published_as_of(settings)):
        with pytest.raises(PipelineError, match=r"run_clock\.parquet can't be read; run `stripe"):
            read()
    shutil.rmtree(folder)
    with pytest.raises(PipelineError, match="Nothing is published"):
        Marts(settings)


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"results": [{"sta', b"[]", b'{"results": 1}'])
def test_results_of_dbt_that_are_cut_off(settings: Settings, content: bytes) -> None:
    results = settings.home / "dbt" / "target" / "run_results.json"
    results.parent.mkdir(parents=True)
    results.write_bytes(content)
    assert "dbt stopped before it finished" in str(dbt_failure(settings))


def test_damage_that_dbt_finds_while_it_computes(settings: Settings) -> None:
    results = settings.home / "dbt" / "target" / "run_results.json"
    results.parent.mkdir(parents=True)
    message = "Runtime Error in model orders\n  Corrupt database file: computed checksum 1"
    failed = {"status": "error", "unique_id": "model.x.orders", "message": message}
    results.write_text(json.dumps({"results": [failed]}))
    assert isinstance(dbt_failure(settings), DamagedWarehouseError)


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"customers": 6', b"[]"])
def test_a_demos_mark_that_is_cut_off(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARKER).write_bytes(content)
    with pytest.raises(PipelineError, match="can't be read; remove the folder"):
        run_demo(tmp_path, customers=60, seed=1)


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"a": [1,', b"[]", b'{"a": "b"}'])
def test_a_cache_of_checked_files_that_says_nonsense(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".checked.json").write_bytes(content)
    one = tmp_path / "one"
    one.touch()
    checked = Checked(tmp_path)
    assert checked.unknown([one]) == [one]
    checked.add([one])
    checked.save()
    assert Checked(tmp_path).unknown([one]) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [".checked.json", "one"]
