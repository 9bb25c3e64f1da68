"""Moves and messages of the future: taken back, nothing deleted, nothing sent twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.withdrawal import withdraw_future
from stripe_pipeline.cli.commands.app import app
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.lake_checks.timeline import as_of_verdict, history_verdict
from stripe_pipeline.settings import Settings
from stripe_pipeline.settings.clock import AsOf
from stripe_pipeline.warehouse.ahead import recorded_ahead
from stripe_pipeline.warehouse.history import newest_move, recorded_moves, withdraw_moves
from tests.activation.shop import consent, customer, exported, live, log, publish_shop, stay

NOW = datetime.now(UTC).replace(microsecond=0)
PAST, FUTURE = NOW - timedelta(days=3), NOW + timedelta(days=30)


def move(number: int, moved_at: datetime, kind: str = "entered") -> dict[str, Any]:
    person = customer(number)["stripe_customer_id"]
    return {"segment": "vip", "stripe_customer_id": person, "move": kind, "moved_at": moved_at}


def record(settings: Settings, *moves: dict[str, Any]) -> None:
    lake = Lake(settings.lake)
    with lake.writing():
        lake.append("segment_moves", entries("segment_moves", moves), cursor={})


def held(settings: Settings) -> list[tuple[str, datetime]]:
    rows = recorded_moves(Lake(settings.lake)).to_pylist()
    return [(row["stripe_customer_id"][-1], row["moved_at"]) for row in rows]


def test_moves_of_the_future_are_taken_back_and_stay_in_the_log(shop: Settings) -> None:
    record(shop, move(1, PAST), move(2, FUTURE), move(1, FUTURE, "left"))
    assert newest_move(Lake(shop.lake)) == FUTURE
    found = withdraw_future(shop)
    assert (found.moves, found.messages, found.newest) == (2, 0, FUTURE)
    assert held(shop) == [("1", PAST)]
    assert newest_move(Lake(shop.lake)) == PAST
    rows = [row for batch in Lake(shop.lake).read("segment_moves") for row in batch.to_pylist()]
    assert [row["move"] for row in rows] == ["entered", "entered", "left", "withdrawn", "withdrawn"]
    again = withdraw_future(shop)
    assert (again.moves, again.newest) == (0, None)
    assert len(list(Lake(shop.lake).batches("segment_moves"))) == 3


def test_a_move_recorded_after_that_for_the_same_instant_counts(shop: Settings) -> None:
    record(shop, move(1, FUTURE))
    lake = Lake(shop.lake)
    assert withdraw_moves(lake, NOW) == 1
    record(shop, move(1, FUTURE))
    assert held(shop) == [("1", FUTURE)]


def test_a_run_has_something_to_do_again_and_sends_nothing_twice(shop: Settings) -> None:
    """Customer 1 was really in, 2 entered in the future and got a message for it."""
    one, two, three = customer(1), customer(2), customer(3)
    consents = [consent(person["email"]) for person in (one, two, three)]
    record(shop, move(1, PAST), move(2, FUTURE))
    stays = [stay(one, entered_at=PAST), stay(two, entered_at=FUTURE, occasion_at=FUTURE)]
    publish_shop(shop, [one, two], stays, consents)
    assert export(live(shop), "email", FUTURE).new_messages == 2
    publish_shop(shop, [one, two, three], stays, consents)
    assert export(live(shop), "email", NOW).is_late

    withdraw_future(shop)
    # What segment_history makes of it: 2 enters now, under the name of the stay taken back.
    stays = [
        stay(one, entered_at=PAST),
        stay(two, entered_at=NOW, occasion_at=FUTURE),
        stay(three, entered_at=NOW),
    ]
    publish_shop(shop, [one, two, three], stays, consents)
    report = export(live(shop), "email", NOW)
    assert (report.is_late, report.new_messages) == (False, 1)
    sent = [row["stripe_customer_id"] for row in exported(shop, mode="live")]
    assert sorted(sent) == sorted(person["stripe_customer_id"] for person in (one, two, three))


def test_messages_of_the_future_become_as_of_now_and_stay_exported(shop: Settings) -> None:
    one = customer(1)
    publish_shop(shop, [one], [stay(one, entered_at=PAST)], [consent(one["email"])])
    export(live(shop), "email", FUTURE)
    assert recorded_ahead(shop).messages == 1
    withdraw_future(shop)
    assert recorded_ahead(shop).newest is None
    before, after = (row for row in log(shop) if row["stripe_customer_id"].endswith("1"))
    same = ("message_key", "status", "reason", "export_id", "address_hash", "occasion")
    assert [before[name] for name in same] == [after[name] for name in same]
    assert before["as_of"] == FUTURE
    assert abs(after["as_of"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert export(live(shop), "email", NOW).new_messages == 0


def test_a_log_of_an_older_version_is_read(shop: Settings) -> None:
    """It has no persons and no stays."""
    row = {
        "message_key": "k", "campaign": "thanks", "channel": "email", "segment": "vip",
        "stripe_customer_id": "cus_0001", "occasion": "vip@x", "status": "exported",
        "export_id": "thanks/1", "as_of": FUTURE, "recorded_at": NOW,
    }  # fmt: skip
    whole = entries("outbox_entries", [row])
    old = whole.select([name for name in whole.column_names if name in row or name == "reason"])
    lake = Lake(shop.lake)
    with lake.writing():
        lake.append("outbox_entries", old, cursor={})
    assert recorded_ahead(shop).messages == 1
    withdraw_future(shop)
    assert recorded_ahead(shop).newest is None
    assert [entry["status"] for entry in log(shop)] == ["exported", "exported"]


def test_the_check_says_what_is_ahead_and_how_to_go_on(shop: Settings) -> None:
    assert history_verdict(recorded_ahead(shop)).passed
    record(shop, move(1, PAST), move(2, NOW + timedelta(seconds=2)))
    assert history_verdict(recorded_ahead(shop)).passed
    record(shop, move(2, FUTURE), move(3, FUTURE))
    verdict = history_verdict(recorded_ahead(shop))
    assert not verdict.passed
    assert verdict.sentence.startswith("2 segment moves and 0 messages are recorded for later")
    assert f"{FUTURE:%Y-%m-%d %H:%M:%S} UTC" in verdict.sentence
    assert "stripe-pipeline withdraw-future" in verdict.sentence


def test_the_command_asks_first(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_PIPELINE_HOME", str(shop.home))
    run = CliRunner().invoke
    assert "Nothing is recorded for later than now" in run(app, ["withdraw-future"]).output
    record(shop, move(2, FUTURE))
    refused = run(app, ["withdraw-future"])
    assert isinstance(refused.exception, UsageError)
    assert "1 segment move and 0 messages" in str(refused.exception)
    assert "--yes" in str(refused.exception)
    assert newest_move(Lake(shop.lake)) == FUTURE
    done = run(app, ["withdraw-future", "--yes"])
    assert done.exit_code == 0
    assert "They are taken back" in done.output
    assert newest_move(Lake(shop.lake)) is None


SETTING = "STRIPE_PIPELINE_AS_OF"


def test_a_run_for_now_is_for_the_present() -> None:
    assert as_of_verdict(AsOf(NOW), NOW, None, FUTURE).passed
    # It waited in Dagster's queue for hours.
    assert as_of_verdict(AsOf(PAST), NOW, None, None).passed
    assert as_of_verdict(AsOf(NOW, "--as-of"), NOW + timedelta(seconds=40), None, None).passed


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(days=302), "302 days ago"),
        (timedelta(days=1, hours=3), "27 hours 0 minutes ago"),
        (timedelta(minutes=5), "5 minutes ago"),
    ],
)
def test_a_run_for_the_past_says_how_old_it_is(age: timedelta, said: str) -> None:
    verdict = as_of_verdict(AsOf(NOW - age, SETTING), NOW, None, None)
    assert not verdict.passed
    assert said in verdict.sentence
    assert f"take {SETTING} out of the environment or .env" in verdict.sentence


def test_a_run_for_the_past_says_what_it_takes_the_place_of() -> None:
    sentence = as_of_verdict(AsOf(PAST, "--as-of"), NOW, NOW, NOW).sentence
    assert f"in the place of tables of {NOW:%Y-%m-%d %H:%M:%S} UTC" in sentence
    assert "moves are recorded up to" in sentence
    assert "no message" in sentence
    assert "The next run without it publishes the present again." in sentence
