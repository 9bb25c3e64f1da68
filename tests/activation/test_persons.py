"""One message a person: two customers of one person get one, whenever they are joined."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import ExportReport, export
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import OUTBOX_ENTRIES, entries
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    ENTERED,
    consent,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    stay,
)

DAY = timedelta(days=1)
Person = dict[str, Any]


def _both(person_id: str = "cus_0001", **second: Any) -> tuple[Person, Person]:
    """Two customers of one person, each with an address of its own."""
    one = customer(1, stripe_person_id=person_id)
    return one, customer(2, **{"stripe_person_id": person_id, **second})


def _apart(*customers: Person) -> tuple[Person, ...]:
    return tuple({**one, "stripe_person_id": one["stripe_customer_id"]} for one in customers)


def _export(
    shop: Settings, people: tuple[Person, ...], *stays: Person, as_of: datetime = AS_OF
) -> ExportReport:
    """Publish these people, who all opted in, and export for real."""
    consents = [consent(one["email"]) for one in people if one["email"]]
    publish_shop(shop, people, stays, consents)
    return export(live(shop), "email", as_of)


def _sent_to(shop: Settings) -> list[str]:
    return [message["email"] for message in exported(shop)]


def test_two_customers_of_one_person_get_one_message(shop: Settings) -> None:
    one, two = _both()
    report = _export(shop, (one, two), stay(two), stay(one, entered_at=ENTERED + DAY))
    assert report.campaigns[0].counts == {"exported": {"": 1}}
    [message] = exported(shop)
    assert (message["stripe_customer_id"], message["email"]) == ("cus_0002", "c2@shop.example")
    assert message["occasion"] == "vip@2026-11-20T08:00:00.000000Z"
    [row] = log(shop)
    assert (row["stripe_person_id"], row["stripe_customer_ids"]) == (
        "cus_0001",
        ["cus_0001", "cus_0002"],
    )


@pytest.mark.parametrize("person_id", ["cus_0001", "cus_0002", "cus_0000"])
def test_who_is_joined_later_gets_no_second_message(shop: Settings, person_id: str) -> None:
    one, two = _both(person_id)
    stays = stay(one), stay(two, entered_at=AS_OF + DAY)
    _export(shop, _apart(one), stays[0])
    later = AS_OF + 2 * DAY
    assert _export(shop, (one, two), *stays, as_of=later).new_messages == 0
    assert _export(shop, _apart(one, two), *stays, as_of=later + DAY).new_messages == 0
    assert _sent_to(shop) == ["c1@shop.example"]


def test_a_join_that_is_undone_before_any_export_leaves_two_people(shop: Settings) -> None:
    one, two = _apart(*_both())
    _export(shop, (one,), stay(one))
    assert _export(shop, (one, two), stay(one), stay(two)).new_messages == 1


@pytest.mark.parametrize("is_inside", [True, False])
def test_a_customer_that_is_deleted_takes_no_message_with_it(
    shop: Settings, is_inside: bool
) -> None:
    one, two = _both()
    deleted_at = AS_OF + DAY
    entered_at = ENTERED if is_inside else deleted_at
    first = (stay(one), *([stay(two)] if is_inside else []))
    _export(shop, (one, two), *first)
    stays = stay(one, left_at=deleted_at), stay(two, entered_at=entered_at)
    assert _export(shop, _apart(two), *stays, as_of=deleted_at).new_messages == 0
    # A later stay is another occasion.
    again = stay(two, entered_at=deleted_at + 2 * DAY)
    gone = {**stays[1], "left_at": deleted_at + DAY}
    report = _export(shop, _apart(two), stays[0], gone, again, as_of=deleted_at + 2 * DAY)
    assert report.new_messages == 1


def test_stays_that_overlap_or_touch_are_one(shop: Settings) -> None:
    one, two = _both()
    left = AS_OF + DAY
    _export(shop, (one, two), stay(one))
    touching = stay(one, left_at=left), stay(two, entered_at=left)
    assert _export(shop, (one, two), *touching, as_of=left).new_messages == 0
    apart = stay(one, left_at=left), stay(two, entered_at=left + DAY)
    assert _export(shop, (one, two), *apart, as_of=left + DAY).new_messages == 1


def test_the_customer_who_may_be_written_to_carries_it(shop: Settings) -> None:
    one, two = _both()
    three = customer(3, stripe_person_id="cus_0001", email="c3@x.invalid", email_deliverable=False)
    people = one, two, three
    stays = stay(three), stay(one, entered_at=ENTERED + DAY), stay(two, entered_at=AS_OF)
    publish_shop(shop, people, stays, [consent(two["email"]), consent(three["email"])])
    export(live(shop), "email", AS_OF)
    assert _sent_to(shop) == ["c2@shop.example"]


@pytest.mark.parametrize("of", [0, 1, 2])
def test_an_opt_out_of_any_address_holds_the_person(shop: Settings, of: int) -> None:
    one, two = _both()
    outside = customer(3, stripe_person_id="cus_0001")
    people = one, two, outside
    record_consent(shop, "email", people[of]["email"], "opt_out", "a letter")
    report = _export(shop, people, stay(one), stay(two))
    assert report.campaigns[0].counts == {"held": {"opted_out": 1}}


def test_a_suppression_of_any_address_holds_the_person(shop: Settings) -> None:
    one, two = _both()
    suppress(shop, "all", two["phone"], "a call")
    assert _export(shop, (one, two), stay(one)).campaigns[0].counts == {"held": {"suppressed": 1}}
    lift(shop, "all", two["phone"], "another call")
    suppress(shop, "sms", two["phone"], "no texts")
    assert _export(shop, (one, two), stay(one)).new_messages == 1


def _by_key(shop: Settings) -> list[tuple[str | None, str, str | None]]:
    """Person, newest status and reason of each message key."""
    newest = {row["message_key"]: row for row in log(shop)}
    rows = [(row["stripe_person_id"], row["status"], row["reason"]) for row in newest.values()]
    return sorted(rows, key=str)


def test_a_held_message_follows_the_person(shop: Settings) -> None:
    one, two = _both("cus_0000")
    stays = [stay(one), stay(two)]
    publish_shop(shop, _apart(one, two), stays)
    export(live(shop), "email", AS_OF)
    publish_shop(shop, (one, two), stays)
    export(live(shop), "email", AS_OF)
    assert _by_key(shop) == [
        ("cus_0000", "held", "no_consent"),
        ("cus_0001", "skipped", "same_person"),
        ("cus_0002", "skipped", "same_person"),
    ]
    before = len(log(shop))
    export(live(shop), "email", AS_OF)
    assert len(log(shop)) == before
    publish_shop(shop, _apart(one, two), stays)
    export(live(shop), "email", AS_OF)
    assert _by_key(shop) == [
        ("cus_0000", "skipped", "same_person"),
        ("cus_0001", "held", "no_consent"),
        ("cus_0002", "held", "no_consent"),
    ]


def test_one_address_of_two_people_gets_it_once(shop: Settings) -> None:
    one, two = customer(1, email="zo\u00eb@b\u00fccher.example"), customer(2)
    two["email"] = "zoe\u0308@xn--bcher-kva.example"
    report = _export(shop, (one, two), stay(one), stay(two, entered_at=AS_OF))
    assert report.campaigns[0].counts == {"exported": {"": 1}, "skipped": {"duplicate_address": 1}}


def test_whose_address_is_another_persons_gets_it_at_the_next_one(shop: Settings) -> None:
    """Two are refused the first's address; one has a second one, which the third asks for, too."""
    first, second, third = (customer(n, email="shared@shop.example") for n in (1, 2, 3))
    second_too = customer(4, email="b@shop.example", stripe_person_id="cus_0002")
    third_too = customer(5, email="b@shop.example", stripe_person_id="cus_0003")
    third_again = customer(6, email="c@shop.example", stripe_person_id="cus_0003")
    people = (first, second, third, second_too, third_too, third_again)
    report = _export(shop, people, *(stay(one) for one in people))
    assert report.campaigns[0].counts == {"exported": {"": 3}}
    got = {row["stripe_customer_id"]: row["email"] for row in exported(shop)}
    assert got == {
        "cus_0001": "shared@shop.example",
        "cus_0004": "b@shop.example",
        "cus_0006": "c@shop.example",
    }


def test_the_address_stays_the_persons_when_its_customer_goes(shop: Settings) -> None:
    one, two = _both(email="c1@shop.example")
    _export(shop, (one, two), stay(one))
    later = AS_OF + 3 * DAY
    stays = stay(one, left_at=AS_OF + DAY), stay(two, entered_at=later)
    assert _export(shop, _apart(two), *stays, as_of=later).new_messages == 1


def _older(row: dict[str, Any]) -> dict[str, Any]:
    """A log's row as versions wrote it that knew no persons."""
    kept = {name: value for name, value in row.items() if name in OUTBOX_ENTRIES.names[:12]}
    occasion = f"vip@{ENTERED:%Y-%m-%dT%H:%M:%S.%fZ}"
    return {
        "campaign": "thanks", "channel": "email", "segment": "vip", "occasion": occasion,
        "as_of": AS_OF, "recorded_at": AS_OF, "reason": None, "export_id": "thanks/x", **kept,
    }  # fmt: skip


def test_an_older_home_sends_nothing_twice(tmp_path: Path) -> None:
    settings = open_shop(tmp_path / "home")
    lake = Lake(settings.lake)
    for batch in lake.batches("outbox_entries"):
        batch.path.unlink()
    rows: list[dict[str, Any]] = [
        {"message_key": "k1", "stripe_customer_id": "cus_0001", "status": "exported"},
        {"message_key": "k3", "stripe_customer_id": "cus_0003", "status": "held",
         "reason": "no_consent", "export_id": None},
    ]  # fmt: skip
    old = entries("outbox_entries", [_older(row) for row in rows]).select(OUTBOX_ENTRIES.names[:12])
    with lake.writing():
        lake.append("outbox_entries", old, cursor={})
    one, two = _both("cus_0000")
    three = customer(3)
    people = one, two, three
    # The folder of the earlier export was moved away.
    assert _export(settings, people, *map(stay, people)).new_messages == 1
    assert _sent_to(settings) == ["c3@shop.example"]
    assert _export(settings, _apart(*people), *map(stay, people)).new_messages == 0
