""" "Materialize all" in Dagster's web UI, in a real browser where there is one, else by its API.

Both start the very same run: under the multiprocess executor, with the demo store served beside
the UI, on a copy of a finished demo's home folder.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page

from .dagster_ui import CHROMIUM, Ui, browser, browser_page, click_materialize_all, serving
from .foreign_page import MUTATION, foreign_server, try_everything

pytestmark = [pytest.mark.slow, pytest.mark.in_order]

WAYS = ["browser"] if CHROMIUM else ["api"]
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
TO_THIS_MACHINE = "--host-resolver-rules=MAP *.example 127.0.0.1"
FETCH = """
    async query => {
        const headers = {"Content-Type": "application/json"};
        const body = JSON.stringify({query});
        return (await fetch("/graphql", {method: "POST", headers, body})).json();
    }
"""
STEPS = {"stripe", "dbt", "stripe_checks", "published", "email_export", "sms_export", "push_export"}


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


@needs_browser
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "evil.example"])
def test_a_page_of_another_site_starts_nothing(ui: Ui, host: str) -> None:
    before = ui.runs()
    with foreign_server() as port, browser(TO_THIS_MACHINE) as chromium:
        learned = try_everything(chromium, f"http://{host}:{port}/", ui.url)
    assert "This request comes from a page of another site" in learned.pop("link")
    # What a form or a frame shows is a refusal, and a beacon isn't told: only the runs can say.
    unknown = {"form_text", "form_url", "form_parts", "beacon", "sandboxed", "frame"}
    assert {name: learned[name] for name in learned.keys() - unknown} == dict.fromkeys(
        learned.keys() - unknown, "failed"
    )
    assert ui.runs() == before


@needs_browser
def test_a_name_that_leads_here_reads_nothing(ui: Ui) -> None:
    with browser(TO_THIS_MACHINE) as chromium:
        page = chromium.new_page()
        page.goto(ui.url.replace("127.0.0.1", "evil.example"))
        assert "This server isn't asked under the host name evil.example" in page.inner_text("body")


@needs_browser
def test_the_same_change_from_its_own_page_starts_a_run(ui: Ui) -> None:
    before = {run["runId"] for run in ui.runs()}
    with browser_page() as page:
        page.goto(f"{ui.url}/graphql")
        launched = page.evaluate(FETCH, MUTATION)
    assert launched == {"data": {"launchRun": {"__typename": "LaunchRunSuccess"}}}
    assert ui.wait_for_new_run(before)["status"] == "SUCCESS"


def start_in_browser(ui: Ui) -> None:
    with browser_page() as page:
        click_materialize_all(page, ui.url)
        page.get_by_text("Launched run").wait_for(timeout=60_000)
        see_live_logs(page, ui)


def see_live_logs(page: Page, ui: Ui) -> None:
    """The page of a run shows its events as they come, through a websocket."""
    with page.expect_websocket() as opened:
        page.goto(f"{ui.url}/runs/{ui.runs()[0]['runId']}")
    opened.value.wait_for_event("framereceived", timeout=60_000)
    page.get_by_text("RUN_START").first.wait_for(timeout=120_000)


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
