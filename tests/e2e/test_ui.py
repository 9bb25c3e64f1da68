""" "Materialize all" in Dagster's web UI, in a real browser where there is one, else by its API.

Both start the very same run: under the multiprocess executor, with the demo store served beside
the UI, on a copy of a finished demo's home folder.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from .dagster_ui import CHROMIUM, Ui, browser_page, click_materialize_all, serving

pytestmark = pytest.mark.slow

WAYS = ["browser"] if CHROMIUM else ["api"]
STEPS = {"stripe", "dbt", "stripe_checks", "published", "email_export", "sms_export"}


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("ui") / "home"
    shutil.copytree(demo_home, copy, symlinks=True)
    return copy


@pytest.fixture(scope="module")
def ui(home: Path) -> Iterator[Ui]:
    with serving(home, home.parent / "ui.log") as served:
        yield served


@pytest.mark.parametrize("way", WAYS)
def test_materialize_all_works(ui: Ui, home: Path, way: str) -> None:
    exports = files_below(home / "exports")
    before = {run["runId"] for run in ui.runs()}
    start_in_browser(ui) if way == "browser" else ui.materialize_all()
    run = ui.wait_for_new_run(before)
    assert run["status"] == "SUCCESS"
    steps = {step["stepKey"]: step["status"] for step in run["stepStats"]}
    assert steps == dict.fromkeys(STEPS, "SUCCESS")
    assert files_below(home / "exports") == exports
    assert orders(home) > 0


def test_the_sensor_requests_nothing_after_a_whole_run(ui: Ui) -> None:
    assert not [run for run in ui.runs() if by_sensor(run)]


def start_in_browser(ui: Ui) -> None:
    with browser_page() as page:
        click_materialize_all(page, ui.url)
        page.get_by_text("Launched run").wait_for(timeout=60_000)


def by_sensor(run: dict[str, object]) -> bool:
    tags = run["tags"]
    assert isinstance(tags, list)
    return any(tag["key"] == "dagster/sensor_name" for tag in tags)


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def orders(home: Path) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        row = warehouse.execute("select count(*) from marts.orders").fetchone()
    assert row is not None
    count: int = row[0]
    return count
