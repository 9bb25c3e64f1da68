"""A preview's folder aside: emptied without touching the lake that it links to."""

from pathlib import Path

import pytest
from filelock import FileLock

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.scratch import FOLDER, clear_scratch, require_synced
from tests.activation.shop import settings_of


def _killed_preview(settings: Settings) -> Path:
    folder = settings.home / FOLDER
    (folder / "dbt/target").mkdir(parents=True)
    (folder / "dbt/target/run_results.json").write_text("a person's data")
    (folder / "warehouse.duckdb").write_text("a person's data")
    (folder / "published").mkdir()
    (folder / "published/consent.parquet").write_text("a person's data")
    (folder / "lake").symlink_to("../lake", target_is_directory=True)
    return folder


def test_what_a_killed_preview_left_is_removed(shop: Settings) -> None:
    folder = _killed_preview(shop)
    before = sorted(shop.lake.rglob("*"))
    clear_scratch(shop)
    assert not list(folder.iterdir())
    assert sorted(path for path in shop.lake.rglob("*") if path.name != ".lock") == [
        path for path in before if path.name != ".lock"
    ]


def test_a_preview_that_is_going_on_is_left_alone(shop: Settings) -> None:
    folder = _killed_preview(shop)
    with FileLock(shop.home / f"{FOLDER}.lock"):
        clear_scratch(shop)
    assert (folder / "warehouse.duckdb").exists()


def test_without_a_preview_nothing_is_made(shop: Settings) -> None:
    clear_scratch(shop)
    assert not (shop.home / FOLDER).exists()


def test_a_home_without_a_sync_has_nothing_to_preview(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="run `stripe-pipeline sync` first"):
        require_synced(settings_of(tmp_path / "home"))
    assert not (tmp_path / "home").exists()
