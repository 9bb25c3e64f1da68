"""Exports from end to end: files, log, and what a second run does."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest

from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.reasons import OF_AUDIENCE, REASONS, TEMPLATE_FAILED
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import entries
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
    statuses,
    stay,
    written,
)


def _publish(settings: Settings, count: int = 3) -> None:
    people = [customer(number) for number in range(count)]
    consents = [consent(one["email"]) for one in people]
    publish_shop(settings, people, [stay(one) for one in people], consents)


def test_rehearses_once_and_writes_what_the_manifest_says(shop: Settings) -> None:
    _publish(shop)
    report = export(shop, "email", AS_OF)
    [campaign] = report.campaigns
    assert campaign.new_messages == 3
    assert campaign.counts == {"rehearsed": {"live_sends_off": 3}}
    assert campaign.folder is not None
    assert campaign.example is not None
    assert campaign.example["subject"] == "Thank you, Name0"
    assert campaign.example["body"] == "You spent 12.50."
    manifest = json.loads((campaign.folder / "manifest.json").read_text())
    assert manifest["dry_run"] is True
    assert (manifest["messages"], manifest["as_of"]) == (3, "2026-11-22T10:00:00Z")
    for name, described in manifest["files"].items():
        content = (campaign.folder / name).read_bytes()
        assert described == {
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    assert set(manifest["files"]) == {"email.csv", "email.jsonl", "entries.parquet"}


def test_a_second_run_exports_nothing_and_still_shows_the_example(shop: Settings) -> None:
    _publish(shop)
    first = export(shop, "email", AS_OF)
    for later in (timedelta(0), timedelta(hours=1)):
        again = export(shop, "email", AS_OF + later)
        assert again.new_messages == 0
        assert again.campaigns[0].counts == first.campaigns[0].counts
        assert again.campaigns[0].folder == first.campaigns[0].folder
        assert again.campaigns[0].example == first.campaigns[0].example
    assert len(log(shop)) == len(exported(shop)) == 3


def test_a_rehearsal_goes_out_for_real_once_sends_are_live(shop: Settings) -> None:
    _publish(shop)
    export(shop, "email", AS_OF)
    report = export(live(shop), "email", AS_OF)
    assert report.new_messages == 3
    assert export(live(shop), "email", AS_OF).new_messages == 0
    assert export(shop, "email", AS_OF).new_messages == 0
    assert set(statuses(shop).values()) == {("exported", None)}
    assert len(exported(shop, mode="live")) == len(exported(shop, mode="dry_run")) == 3


def test_a_stay_that_ended_isnt_promoted(shop: Settings) -> None:
    person = customer(1)
    publish_shop(shop, [person], [stay(person)], [consent(person["email"])])
    export(shop, "email", AS_OF)
    left = stay(person, left_at=AS_OF - timedelta(hours=1))
    publish_shop(shop, [person], [left], [consent(person["email"])])
    assert export(live(shop), "email", AS_OF).new_messages == 0


def test_a_new_stay_is_a_new_occasion(shop: Settings) -> None:
    person = customer(1)
    consents = [consent(person["email"])]
    publish_shop(shop, [person], [stay(person)], consents)
    export(live(shop), "email", AS_OF)
    stays = [
        stay(person, left_at=ENTERED + timedelta(days=1)),
        stay(person, entered_at=ENTERED + timedelta(days=2)),
    ]
    publish_shop(shop, [person], stays, consents)
    assert export(live(shop), "email", AS_OF + timedelta(days=1)).new_messages == 1
    assert len({row["message_key"] for row in log(shop)}) == 2


def test_the_folder_is_named_by_as_of_and_messages(tmp_path: Path) -> None:
    names, digests = set(), set()
    for home in ("one", "two"):
        settings = open_shop(tmp_path / home)
        _publish(settings)
        folder = written(export(settings, "email", AS_OF))
        names.add(folder.name)
        digests.add((folder / "email.csv").read_bytes() + (folder / "email.jsonl").read_bytes())
    assert len(names) == len(digests) == 1
    assert names.pop().startswith("20261122T100000Z-dry_run-")


def test_every_reason_stands_on_a_row(shop: Settings) -> None:
    people = [customer(number) for number in range(9)]
    people[1] |= {"email": None, "email_deliverable": None}
    people[5]["email"] = people[4]["email"]
    people[6] |= {"email": "c6@shop.invalid", "email_deliverable": False}
    people[8] |= {"email": "=1@shop.example"}
    consents = [consent(people[number]["email"]) for number in (2, 3, 4, 6, 7, 8)]
    lacking = {"stripe_customer_id": "cus_0007", "field": "stripe_total_sales"}
    publish_shop(shop, people, [stay(one) for one in people], consents, [lacking])
    suppress(shop, "all", people[2]["email"], "bounced")
    record_consent(shop, "email", people[3]["email"].upper(), "opt_out", "a letter")
    export(shop, "email", AS_OF)
    assert statuses(shop) == {
        "cus_0000": ("held", "no_consent"),
        "cus_0001": ("held", "no_address"),
        "cus_0002": ("held", "suppressed"),
        "cus_0003": ("held", "opted_out"),
        "cus_0004": ("rehearsed", "live_sends_off"),
        "cus_0005": ("skipped", "duplicate_address"),
        "cus_0006": ("skipped", "undeliverable"),
        "cus_0007": ("held", "missing_rate"),
        "cus_0008": ("held", "unsafe_address"),
    }
    # Elsewhere: test_failing_templates.py, test_persons.py, test_crash.py, test_schedule.py,
    # test_audience.py and test_interrupted_audience.py.
    elsewhere = {TEMPLATE_FAILED, "same_person", "interrupted", "not_live", *OF_AUDIENCE}
    elsewhere |= {"goal_met", "before_start", "outside_window", "expired"}
    assert {reason for _, reason in statuses(shop).values()} == REASONS.keys() - elsewhere
    before = len(log(shop))
    export(shop, "email", AS_OF)
    assert len(log(shop)) == before
    lift(shop, "all", people[2]["email"], "a new mailbox")
    export(shop, "email", AS_OF)
    assert len(log(shop)) == before + 1
    assert statuses(shop)["cus_0002"] == ("rehearsed", "live_sends_off")


def test_an_opt_out_after_a_rehearsal_holds_the_message(shop: Settings) -> None:
    _publish(shop)
    export(shop, "email", AS_OF)
    record_consent(shop, "email", customer(1)["email"], "opt_out", "a letter")
    for _ in range(2):
        report = export(shop, "email", AS_OF)
        assert report.new_messages == 0
        assert report.campaigns[0].counts == {
            "held": {"opted_out": 1},
            "rehearsed": {"live_sends_off": 2},
        }
    assert statuses(shop)["cus_0001"] == ("held", "opted_out")
    assert len(log(shop)) == 4


def test_what_names_an_unknown_total_waits_for_the_rate_and_goes_out_once(shop: Settings) -> None:
    """The template names total sales; the segment may lack a rate for a field of its own."""
    people = [customer(number) for number in range(4)]
    stays, consents = [stay(one) for one in people], [consent(one["email"]) for one in people[:3]]
    ids = [one["stripe_customer_id"] for one in people]
    unrated = [
        {"stripe_customer_id": ids[0], "field": "stripe_total_sales"},
        {"stripe_customer_id": ids[1], "field": "stripe_mrr"},
        {"stripe_customer_id": ids[3], "field": "stripe_total_sales"},
    ]
    undecided = [
        {"segment": "vip", "stripe_customer_id": ids[2]},
        {"segment": "past_due", "stripe_customer_id": ids[1]},
    ]
    publish_shop(shop, people, stays, consents, unrated, undecided)
    report = export(live(shop), "email", AS_OF)
    assert report.campaigns[0].counts == {
        "exported": {"": 1}, "held": {"missing_rate": 2, "no_consent": 1},
    }  # fmt: skip
    assert statuses(shop) == {
        ids[0]: ("held", "missing_rate"), ids[1]: ("exported", None),
        ids[2]: ("held", "missing_rate"), ids[3]: ("held", "no_consent"),
    }  # fmt: skip
    publish_shop(shop, people, stays, consents)
    for hours in (1, 2):
        export(live(shop), "email", AS_OF + timedelta(hours=hours))
    assert [message["stripe_customer_id"] for message in exported(shop)] == [ids[1], ids[0], ids[2]]


def test_lifting_one_channel_leaves_a_suppression_of_all(shop: Settings) -> None:
    person = customer(1)
    publish_shop(shop, [person], [stay(person)], [consent(person["email"])])
    suppress(shop, "all", person["email"], "asked us to")
    suppress(shop, "email", person["email"], "bounced")
    lift(shop, "email", person["email"], "a new mailbox")
    assert export(shop, "email", AS_OF).new_messages == 0
    lift(shop, "all", person["email"], "asked us to")
    assert export(shop, "email", AS_OF).new_messages == 1


def test_a_message_missed_in_an_earlier_stay_isnt_made_up_for(shop: Settings) -> None:
    person = customer(1)
    left = stay(person, left_at=ENTERED + timedelta(hours=1))
    back = stay(person, entered_at=ENTERED + timedelta(days=1))
    publish_shop(shop, [person], [left, back], [consent(person["email"])])
    assert export(live(shop), "email", AS_OF).new_messages == 1
    assert export(live(shop), "email", AS_OF).new_messages == 0
    assert exported(shop)[0]["occasion"] == "vip@2026-11-21T08:00:00.000000Z"


def test_an_address_stays_with_the_first_who_got_the_campaign(shop: Settings) -> None:
    first, second = customer(9), customer(1, email="c9@shop.example")
    consents = [consent("c9@shop.example")]
    publish_shop(shop, [first], [stay(first)], consents)
    export(live(shop), "email", AS_OF)
    publish_shop(shop, [first, second], [stay(first), stay(second)], consents)
    export(live(shop), "email", AS_OF)
    assert len(exported(shop)) == 1
    assert statuses(shop)["cus_0001"] == ("skipped", "duplicate_address")


def test_a_rehearsal_takes_no_address_from_a_live_message(shop: Settings) -> None:
    first, second = customer(1, email="c9@shop.example"), customer(9)
    consents = [consent("c9@shop.example")]
    publish_shop(shop, [first], [stay(first)], consents)
    export(shop, "email", AS_OF)
    gone = stay(first, left_at=AS_OF)
    publish_shop(shop, [first, second], [gone, stay(second)], consents)
    assert export(live(shop), "email", AS_OF).new_messages == 1
    # From now on the address is the second customer's, in rehearsals too.
    later = AS_OF + timedelta(days=1)
    stays = [gone, stay(second, left_at=AS_OF), stay(second, entered_at=later)]
    publish_shop(shop, [first, second], stays, consents)
    assert export(shop, "email", later).new_messages == 1


def test_a_consent_given_later_than_as_of_doesnt_exist_yet(shop: Settings) -> None:
    person = customer(1)
    publish_shop(shop, [person], [stay(person)])
    given = AS_OF + timedelta(hours=1)
    record_consent(shop, "email", person["email"], "opt_in", "form", given)
    assert export(shop, "email", AS_OF).new_messages == 0
    assert export(shop, "email", given).new_messages == 1


def test_a_late_run_exports_nothing_new(shop: Settings) -> None:
    _publish(shop)
    lake = Lake(shop.lake)
    move = {"segment": "vip", "stripe_customer_id": "cus_9", "move": "entered", "moved_at": AS_OF}
    with lake.writing():
        lake.append("segment_moves", entries("segment_moves", [move]), cursor={})
    late = export(shop, "email", AS_OF - timedelta(seconds=1))
    assert late.is_late
    assert not log(shop)
    assert export(shop, "email", AS_OF).new_messages == 3


def test_says_so_when_nothing_is_published(shop: Settings) -> None:
    with pytest.raises(PipelineError, match=r"Nothing is published .* `stripe-pipeline run`"):
        export(shop, "email", AS_OF)
