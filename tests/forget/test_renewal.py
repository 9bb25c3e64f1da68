"""A warehouse is rebuilt after an erasure, filled once, and counts as clean when it is full."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erasures import FORGOTTEN, record
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse import renewal
from stripe_pipeline.warehouse.publish import publish
from stripe_pipeline.warehouse.renewal import is_outdated, renew_warehouse, renewing

from .conftest import NOW

Commands = list[tuple[str, ...]]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home with a table in its warehouse, in which a person is erased afterwards."""
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path / "home")
    settings.home.mkdir()
    fill(settings)
    erase_a_person(settings)
    assert is_outdated(settings)
    return settings


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """What dbt is asked for, which works."""
    return listen(monkeypatch, works=lambda: True)


def listen(monkeypatch: pytest.MonkeyPatch, works: Callable[[], bool]) -> Commands:
    asked: Commands = []

    def dbt(settings: Settings, as_of: Any, arguments: tuple[str, ...]) -> bool:
        asked.append(arguments)
        fill(settings)
        return works()

    monkeypatch.setattr(renewal, "_dbt", dbt)
    return asked


def fill(settings: Settings) -> None:
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        warehouse.execute("create table if not exists people as select 'Zelda' as name")


def erase_a_person(settings: Settings) -> None:
    lake = Lake(settings.lake)
    with lake.writing():
        record(lake, ["cus_1"], {"cus_1": FORGOTTEN}, is_finished=True)


def tables(settings: Settings) -> int:
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return len(warehouse.execute("select 1 from duckdb_tables()").fetchall())


def test_a_whole_build_fills_the_new_file_by_itself(home: Settings, commands: Commands) -> None:
    with renewing(home, NOW):
        assert tables(home) == 0
        assert is_outdated(home)
        fill(home)
    assert (commands, is_outdated(home)) == ([], False)
    with renewing(home, NOW):
        assert tables(home) == 2


def test_who_is_killed_leaves_a_file_that_is_rebuilt(home: Settings, commands: Commands) -> None:
    """An interruption, like a kill, leaves no time to do anything else."""
    with pytest.raises(KeyboardInterrupt), renewing(home, NOW):
        fill(home)
        raise KeyboardInterrupt
    assert (commands, is_outdated(home)) == ([], True)
    with renewing(home, NOW):
        assert tables(home) == 0


def test_a_check_that_fails_leaves_no_table_out(home: Settings, commands: Commands) -> None:
    with pytest.raises(PipelineError, match="a check"), renewing(home, NOW):
        raise PipelineError("a check failed")
    assert commands == [renewal._MODELS]
    assert not is_outdated(home)


def test_a_table_that_cannot_be_computed(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    listen(monkeypatch, works=lambda: False)
    with pytest.raises(PipelineError, match="first"), renewing(home, NOW):
        raise PipelineError("the first error")
    assert is_outdated(home)
    with pytest.raises(PipelineError, match="dbt"):
        renew_warehouse(home, NOW)
    assert is_outdated(home)


def test_a_part_of_the_tables_has_the_others_computed_first(
    home: Settings, commands: Commands
) -> None:
    assert renew_warehouse(home, NOW)
    assert commands == [renewal._MODELS]
    assert not is_outdated(home)
    assert not renew_warehouse(home, NOW)


def test_who_is_erased_meanwhile_needs_another_file(home: Settings, commands: Commands) -> None:
    with renewing(home, NOW):
        erase_a_person(home)
    assert is_outdated(home)


def test_a_first_build_that_was_killed_is_resumed(home: Settings, commands: Commands) -> None:
    home.warehouse.unlink()
    with pytest.raises(KeyboardInterrupt), renewing(home, NOW):
        fill(home)
        raise KeyboardInterrupt
    assert not is_outdated(home)


def test_what_was_computed_before_is_not_published(home: Settings) -> None:
    with pytest.raises(PipelineError, match="personal data was erased"):
        publish(home)
    assert not home.published.exists()
