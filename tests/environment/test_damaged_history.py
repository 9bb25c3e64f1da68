"""Dagster's databases and the notes of a home: damaged ones stop nothing."""

import logging
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.files.notes import read_note, write_note
from stripe_pipeline.orchestration.damaged_history import set_damaged_aside
from stripe_pipeline.orchestration.runs import dagster_instance, prepare_dagster_home
from stripe_pipeline.settings import Settings, load_settings
from tests.environment.damage import DAMAGES, Damage, empty, garbage
from tests.variants import variants

RUN = "11111111-1111-1111-1111-111111111111"
PLACES = ("history/runs.db", "history/runs/index.db", f"history/runs/{RUN}.db")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one run in its history."""
    home = tmp_path_factory.mktemp("history")
    with dagster_instance(_settings(home)) as instance:
        _record(instance)
    return home


def _settings(home: Path) -> Settings:
    return load_settings(_env_file=None, STRIPE_PIPELINE_HOME=home)


def _record(instance: dg.DagsterInstance) -> None:
    @dg.op
    def nothing() -> None:
        pass

    @dg.job
    def job() -> None:
        nothing()

    assert job.execute_in_process(instance=instance, run_id=RUN).success


def _copy(whole: Path, home: Path) -> Path:
    for path in (each for each in whole.rglob("*") if each.is_file()):
        target = home / path.relative_to(whole)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return home / "dagster"


@pytest.mark.parametrize("damage", DAMAGES)
@variants("place", PLACES)
def test_a_run_is_recorded_beside_a_damaged_database(
    whole: Path, tmp_path: Path, damage: Damage, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = _copy(whole, tmp_path)
    damage(folder / place)
    with caplog.at_level(logging.WARNING), dagster_instance(_settings(tmp_path)) as instance:
        if place == "history/runs.db":
            _record(instance)
        assert instance.event_log_storage.get_logs_for_run(RUN) is not None
        assert instance.get_runs() or damage is empty
    said = [each.getMessage() for each in caplog.records if "is damaged" in each.getMessage()]
    # SQLite fills an empty file as it would a new one.
    assert len(said) == (0 if damage is empty else 1)
    assert (folder / f"{place}.damaged").exists() == bool(said)


def test_what_is_sound_is_left_alone(whole: Path, tmp_path: Path) -> None:
    folder = _copy(whole, tmp_path)
    assert set_damaged_aside(folder) == []
    with dagster_instance(_settings(tmp_path)) as instance:
        # While another process has the databases open, with journals beside them.
        assert set_damaged_aside(folder) == []
        assert [run.run_id for run in instance.get_runs()] == [RUN]


@pytest.mark.parametrize("damage", DAMAGES)
def test_dagsters_own_settings_are_written_again(tmp_path: Path, damage: Damage) -> None:
    path = prepare_dagster_home(_settings(tmp_path)) / "dagster.yaml"
    wanted = path.read_bytes()
    damage(path)
    prepare_dagster_home(_settings(tmp_path))
    assert path.read_bytes() == wanted


@pytest.mark.parametrize("damage", [*DAMAGES[2:], Path.unlink])
def test_a_note_that_cant_be_read_says_nothing_and_is_written_again(
    tmp_path: Path, damage: Damage
) -> None:
    note = tmp_path / "note"
    write_note(note, "12")
    assert read_note(note) == "12"
    damage(note)
    assert read_note(note) == ""
    write_note(note, "13")
    assert read_note(note) == "13"
    garbage(note)
    assert read_note(note) == ""
