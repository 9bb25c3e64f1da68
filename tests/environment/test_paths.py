"""Paths are paths: no sign in them is a pattern, and what can't be used is refused first."""

from pathlib import Path

import duckdb
import pytest

from stripe_pipeline.errors import UsageError
from stripe_pipeline.file_patterns import exactly
from stripe_pipeline.settings import load_settings
from stripe_pipeline.warehouse.dbt_folders import DBT_PROJECT, link_project

NAMES = [
    "shop [live]",
    "*",
    "{eu,us}",
    'it\'s "x"',
    "a b",
    "übér",
    "[!a]",
    "#1",
    "$x",
    "~",
    "&",
    "a,b",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_of_a_path_fits_that_path_alone(tmp_path: Path, name: str) -> None:
    for number, folder in enumerate((name, "shop l", "shop i", "other", "a")):
        (tmp_path / folder).mkdir(exist_ok=True)
        file = str(tmp_path / folder / "1.parquet").replace("'", "''")
        duckdb.execute(f"copy (select {number} as place) to '{file}' (format parquet)")
    pattern = f"{exactly(tmp_path / name)}/*.parquet"
    assert duckdb.execute("from read_parquet(?)", [pattern]).fetchall() == [(0,)]


@pytest.mark.parametrize("name", ["back\\slash", "what?", "100%41"])
def test_a_home_that_databases_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="STRIPE_PIPELINE_HOME can't be used"):
        load_settings(STRIPE_PIPELINE_HOME=tmp_path / name)
    assert not (tmp_path / name).exists()


def test_dbt_s_project_in_a_home_is_links_and_is_mended(tmp_path: Path) -> None:
    settings = load_settings(STRIPE_PIPELINE_HOME=tmp_path / "shop [live]")
    folder = link_project(settings)
    assert (folder / "models").readlink() == DBT_PROJECT / "models"
    (folder / "models").unlink()
    (folder / "models").mkdir()
    (folder / "seeds").unlink()
    (folder / "seeds").symlink_to(tmp_path / "nowhere")
    link_project(settings)
    assert (folder / "models" / "raw").is_dir()
    assert (folder / "seeds" / "currencies.csv").is_file()
