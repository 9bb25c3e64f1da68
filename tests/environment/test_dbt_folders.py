"""What stands in the place of a file or folder of dbt's is removed before dbt meets it."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_pipeline.files.removing import remove
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.warehouse.dbt_folders import link_project, project_folder, target_folder
from tests.environment.damage import folder, loop

OF_FILES = (
    "run_results.json", "manifest.json", "partial_parse.msgpack", "graph.gpickle",
    "compiled/stripe_pipeline/models/orders.sql", "run/stripe_pipeline/seeds/rates.csv",
)  # fmt: skip
OF_FOLDERS = ("compiled", "run/stripe_pipeline", "compiled/stripe_pipeline/models/_models.yml")


def _file(path: Path) -> None:
    path.write_text("no folder")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_HOME=tmp_path / "home")
    link_project(settings)
    for name in OF_FILES:
        path = target_folder(settings) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return settings


def test_what_dbt_wrote_itself_stays(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    (target_folder(settings) / OF_FOLDERS[-1]).mkdir()
    (target_folder(settings) / "index.html").touch()
    before = sorted(target_folder(settings).rglob("*"))
    with caplog.at_level(logging.WARNING):
        link_project(settings)
    assert sorted(target_folder(settings).rglob("*")) == before
    assert caplog.records == []


@pytest.mark.parametrize(
    ("name", "misplace"),
    [(name, misplace) for name in OF_FILES for misplace in (folder, loop)]
    + [(name, misplace) for name in (*OF_FOLDERS, "") for misplace in (_file, loop)],
)
def test_what_is_in_the_way_is_told_and_removed(
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    name: str,
    misplace: Callable[[Path], None],
) -> None:
    path = target_folder(settings) / name
    _instead(path, misplace)
    with caplog.at_level(logging.WARNING):
        link_project(settings)
    assert not path.exists() and not path.is_symlink()
    [said] = [record.getMessage() for record in caplog.records]
    assert str(path) in said and "is written again" in said


@pytest.mark.parametrize("misplace", [_file, loop])
def test_the_project_folder_is_linked_again(
    settings: Settings, misplace: Callable[[Path], None]
) -> None:
    _instead(project_folder(settings), misplace)
    assert (link_project(settings) / "models").is_dir()


def _instead(path: Path, misplace: Callable[[Path], None]) -> None:
    remove(path)
    misplace(path)
