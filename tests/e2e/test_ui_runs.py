"""Runs in the web UI that are terminated, executed again, or not alone: as if nothing had been."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.versions import record_version
from stripe_pipeline.demo.home import demo_settings
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import load_settings
from stripe_pipeline.settings.demo_mark import DEMO_NOW, MARKER

from ..conftest import run_cli
from ..oracle.compare import agree, snapshot_differences
from ..oracle.warehouse import Warehouse
from .dagster_ui import free_port
from .steering import (
    ended,
    events,
    launch,
    launch_job,
    reexecute,
    start_schedule,
    terminate,
    until,
)
from .ui_shop import EXPORTS, UiShop, open_ui_shop

pytestmark = [pytest.mark.slow, pytest.mark.in_order]

JOB = "stripe_pipeline"
TWO_TICKS = 70  # seconds; the sensor looks every 30


@pytest.fixture(scope="module")
def shop(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UiShop]:
    with open_ui_shop(demo_home, tmp_path_factory.mktemp("ui_runs")) as opened:
        yield opened


def assert_each_once(shop: UiShop) -> None:
    counts = Counter(each["message_key"] for each in shop.messages())
    assert counts
    assert set(counts.values()) == {1}
    people = Counter((each["campaign"], each["stripe_customer_id"]) for each in shop.messages())
    assert set(people.values()) == {1}
    assert not list(shop.home.glob(".exporting/*/*"))


def said(shop: UiShop, run: str) -> list[str]:
    """What the log of a run says."""
    return [each.get("message") or "" for each in events(shop.ui, run)]


def assert_stopped(shop: UiShop, run: str, doing: str) -> None:
    """The page of the run says what has stopped, and how to go on."""
    assert ended(shop.ui, run) == "CANCELED"
    [sentence] = [each for each in said(shop, run) if "was stopped before its end" in each]
    assert sentence.startswith(doing)
    assert "Re-execute the run" in sentence


def test_a_second_ui_names_the_first(shop: UiShop) -> None:
    second = shop.start("ui", "--port", str(free_port()))
    _, refusal = second.communicate(timeout=120)
    assert second.returncode == 1
    assert f"A web UI runs on this home already, at {shop.ui.url}" in refusal.splitlines()[-1]
    assert shop.ui.runs() is not None


def go_live(shop: UiShop) -> None:
    """Record the first live run of each campaign, for which an export waits for the lake."""
    settings = load_settings(
        _env_file=None, STRIPE_PIPELINE_HOME=shop.home, STRIPE_PIPELINE_LIVE_SENDS="on"
    )
    for campaign in load_campaigns(settings):
        record_version(settings, campaign, DEMO_NOW)


def test_an_export_is_terminated_before_it_is_recorded(shop: UiShop) -> None:
    """Its files are written by then; executed again, each message goes out once."""
    go_live(shop)
    lake = Lake(shop.home / "lake")
    with lake.writing():
        run = launch(shop.ui, "email_export")
        until(lambda: list(shop.home.glob(".exporting/*/*/manifest.json")))
        terminate(shop.ui, run)
        assert_stopped(shop, run, "The export of email messages")
    assert shop.messages() == []
    again = reexecute(shop.ui, run, "FROM_FAILURE")
    assert ended(shop.ui, again) == "SUCCESS"
    assert_each_once(shop)
    before = len(shop.messages())
    assert ended(shop.ui, reexecute(shop.ui, run, "ALL_STEPS")) == "SUCCESS"
    assert len(shop.messages()) == before > 0


def test_the_sensor_follows_changed_marts_to_the_messages(shop: UiShop) -> None:
    """A user materializes what is read and computed; the daemon does the rest."""
    address = shop.welcome("by_sensor")
    before = {run["runId"] for run in shop.ui.runs()}
    launch(shop.ui, *(key for key in shop.ui.asset_keys() if key not in EXPORTS))
    until(lambda: shop.to(address))
    time.sleep(TWO_TICKS)
    assert_each_once(shop)
    new = [run for run in shop.ui.runs() if run["runId"] not in before]
    assert {run["status"] for run in new} == {"SUCCESS"}
    steps = [sorted(step["stepKey"] for step in run["stepStats"]) for run in reversed(new)]
    assert steps[0] == ["dbt", "stripe", "stripe_checks"]
    assert ["published"] in steps
    assert [step for step in steps[1:] if "email_export" in step] == [
        ["email_export", "push_export", "sms_export"]
    ]


def test_a_sync_is_terminated(shop: UiShop) -> None:
    """While Stripe answers; executed again from failure, the run does all of its steps."""
    address = shop.welcome("after_a_stop")
    shop.gate.is_open.clear()
    run = launch_job(shop.ui, JOB)
    assert shop.gate.is_met.wait(180)
    terminate(shop.ui, run)
    shop.gate.is_open.set()
    assert_stopped(shop, run, "The reading of Stripe")
    assert shop.to(address) == []
    assert ended(shop.ui, reexecute(shop.ui, run, "FROM_FAILURE")) == "SUCCESS"
    assert len(shop.to(address)) == 1
    assert_each_once(shop)


def test_the_computing_is_terminated_and_the_terminal_runs_beside_what_follows(
    shop: UiShop, demo_home: Path, tmp_path: Path
) -> None:
    """All steps again, while a run in the terminal wants the same lake and warehouse."""
    address = shop.welcome("in_the_middle")
    run = launch_job(shop.ui, JOB)
    until(lambda: any("Running dbt command" in message for message in said(shop, run)))
    terminate(shop.ui, run)
    assert_stopped(shop, run, "The computing of the tables")
    assert shop.to(address) == []
    again = reexecute(shop.ui, run, "ALL_STEPS")
    beside = shop.start("run")
    _, lines = beside.communicate(timeout=500)
    assert beside.returncode == 0, lines
    assert ended(shop.ui, again) == "SUCCESS"
    assert len(shop.to(address)) == 1
    assert_each_once(shop)
    assert_like_undisturbed(shop, demo_home, tmp_path / "twin")


def assert_like_undisturbed(shop: UiShop, demo_home: Path, twin: Path) -> None:
    """The marts are those of a home in which one run, undisturbed, saw all that has happened."""
    shutil.copytree(demo_home, twin, symlinks=True)
    (twin / MARKER).unlink()
    names = ("STRIPE_PIPELINE_AS_OF", "STRIPE_PIPELINE_LIVE_SENDS")
    settings = demo_settings(twin, shop.env["STRIPE_API_BASE"])
    done = run_cli(
        "run", folder=twin.parent, settings=settings | {name: shop.env[name] for name in names}
    )
    assert done.returncode == 0, done.stderr
    homes = (shop.home, twin)
    agree(snapshot_differences(*(Warehouse(home).snapshot("marts") for home in homes)))


def test_a_sync_in_the_terminal_beside_the_ui(shop: UiShop) -> None:
    """It waits for a sync of the UI, and says so; both are recorded, and nothing goes out."""
    before = len(shop.messages())
    shop.gate.is_met.clear()
    shop.gate.is_open.clear()
    run = launch(shop.ui, *(key for key in shop.ui.asset_keys() if key.startswith("stripe/")))
    assert shop.gate.is_met.wait(180)
    beside = shop.start("sync")
    assert beside.stderr
    waiting = f"Waiting for the lake, which run {run[:8]} is using"
    assert any(waiting in line for line in beside.stderr)  # reads no further than that
    shop.gate.is_open.set()
    _, lines = beside.communicate(timeout=300)
    assert beside.returncode == 0, lines
    assert ended(shop.ui, run) == "SUCCESS"
    assert len(shop.messages()) == before


def test_the_schedule_polls_and_its_messages_go_out_once(shop: UiShop) -> None:
    address = shop.welcome("by_schedule")
    before = {run["runId"] for run in shop.ui.runs()}
    start_schedule(shop.ui, "poll_stripe")
    until(lambda: shop.to(address), seconds=560)
    time.sleep(TWO_TICKS)
    assert_each_once(shop)
    new = [run for run in shop.ui.runs() if run["runId"] not in before]
    tags = {tag["key"]: tag["value"] for tag in new[-1]["tags"]}
    assert tags["dagster/schedule_name"] == "poll_stripe"
    assert len(shop.to(address)) == 1
