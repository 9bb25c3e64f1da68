"""The schedule: a tick either requests a poll or says in a sentence why not."""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from stripe_pipeline.defs.ingestion import stripe
from stripe_pipeline.defs.polling import poll_stripe
from stripe_pipeline.home import Home
from stripe_pipeline.ingestion.quota.reads import Reads
from stripe_pipeline.settings import load_settings
from tests.fake_stripe.fixtures import KEY
from tests.fake_stripe.server import Account, serving
from tests.fake_stripe.shop import stock

POLL = {"ops": {"stripe": {"config": {"poll": True}}}}
MINUTE = 60


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        yield instance


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    monkeypatch.setenv("STRIPE_PIPELINE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _tick(instance: dg.DagsterInstance) -> dg.RunRequest | str:
    """The request for a run, or why there is none."""
    with dg.build_schedule_context(instance=instance, resources={"home": Home()}) as context:
        answer = poll_stripe(context)
    if isinstance(answer, dg.SkipReason):
        assert answer.skip_message
        return answer.skip_message
    assert isinstance(answer, dg.RunRequest)
    return answer


def _synced(home: Path, ago: int, reads: int = 1) -> None:
    counted, at = Reads(home, "test"), int(time.time()) - ago
    counted.began(at, is_poll=True)
    counted.add("upkeep", reads, at)
    counted.ended(at, reads)


def test_a_first_tick_polls(instance: dg.DagsterInstance, home: Path) -> None:
    request = _tick(instance)
    assert isinstance(request, dg.RunRequest)
    assert request.run_config == POLL


def test_a_tick_waits_until_a_poll_is_due(instance: dg.DagsterInstance, home: Path) -> None:
    _synced(home, ago=2 * MINUTE)
    reason = _tick(instance)
    assert isinstance(reason, str)
    assert "The next poll is due in" in reason
    assert "of the 10,000 that it allows" in reason


def test_a_sync_that_began_after_its_tick_delays_no_other(
    instance: dg.DagsterInstance, home: Path
) -> None:
    _synced(home, ago=10 * MINUTE - 20)
    assert isinstance(_tick(instance), dg.RunRequest)


def test_near_the_line_it_waits_long(instance: dg.DagsterInstance, home: Path) -> None:
    Reads(home, "test").add("whole", 11_000, int(time.time()) - 60 * MINUTE)
    _synced(home, ago=120 * MINUTE)
    assert "polls are 24 hours apart" in str(_tick(instance))


def test_the_setting_wins(
    instance: dg.DagsterInstance,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STRIPE_PIPELINE_POLL_MINUTES", "60")
    _synced(home, ago=30 * MINUTE)
    assert "polls are 1 hour apart" in str(_tick(instance))
    monkeypatch.setenv("STRIPE_PIPELINE_POLL_MINUTES", "3")
    assert "POLL_MINUTES" in str(_tick(instance))


def test_without_a_key_it_says_so(
    instance: dg.DagsterInstance,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("STRIPE_API_KEY")
    assert "STRIPE_API_KEY" in str(_tick(instance))


def test_one_run_at_a_time(instance: dg.DagsterInstance, home: Path) -> None:
    @dg.job(name="stripe_pipeline")
    def job() -> None:
        """A job of the same name."""

    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert "still going on" in str(_tick(instance))
    instance.report_run_failed(run)
    assert isinstance(_tick(instance), dg.RunRequest)


def test_a_poll_shows_what_it_costs(instance: dg.DagsterInstance, home: Path) -> None:
    """On the asset that every poll reads; by hand, a sync looks at everything."""
    account = Account()
    stock(account, 30)
    with serving(account) as base:
        resources = {"home": Home.of(load_settings(stripe_api_base=base))}
        dg.materialize([stripe], instance=instance, resources=resources)
        account.requests.clear()
        result = dg.materialize([stripe], instance=instance, run_config=POLL, resources=resources)
    assert len(account.requests) == 1
    shown = {
        each.asset_key.path[-1]: each.metadata
        for each in result.asset_materializations_for_node("stripe")
    }
    assert shown["events"]["reads_allowance"].value == 10_000
    assert (
        shown["events"]["reads_30_days"].value == 1 + Reads(home, "test").total(0, ("whole",)) + 1
    )
    assert shown["events"]["minutes_between_polls"].value in (5, 10, 15)
    assert "polls are" in str(shown["events"]["reads_in_words"].value)
    assert "reads_30_days" not in shown["customers"]
