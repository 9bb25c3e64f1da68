"""No one writes to who is erased, and what stood against a message still does."""

import json
from pathlib import Path

import pytest

from stripe_pipeline.activation import campaigns
from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.outbox import append
from stripe_pipeline.activation.previews.closely import Wanted, look_closely
from stripe_pipeline.activation.previews.message_files import write_message
from stripe_pipeline.activation.suppress import suppress
from stripe_pipeline.forget import forget
from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.settings import Settings
from stripe_pipeline.values.objects import ObjectRow
from tests.activation.shop import (
    AS_OF,
    CONTRACT,
    ENTERED,
    customer,
    exported,
    live,
    log,
    open_shop,
    publish_shop,
    statuses,
    stay,
)

HER, OTHER, AGAIN = customer(1), customer(2), customer(3, email="C1@shop.example".lower())


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """She and another get a message; what is published stays as it is."""
    monkeypatch.setattr(campaigns, "load_contract", lambda *_: CONTRACT)
    monkeypatch.setattr("stripe_pipeline.forget._publish", lambda *_: "")
    settings = open_shop(tmp_path / "home")
    for person in (HER, OTHER):
        record_consent(settings, "email", person["email"], "opt_in", "form", ENTERED)
    body = json.dumps({"id": HER["stripe_customer_id"], "object": "customer", "created": 1,
                       "email": " C1@Shop.example", "phone": HER["phone"]}).encode()  # fmt: skip
    her = HER["stripe_customer_id"]
    row = ObjectRow(her, "customer", 1, False, False, her, "v", ENTERED, body)
    lake = Lake(settings.lake)
    with lake.writing():
        lake.append("customers", object_table([row]), {})
    publish_shop(settings, [HER, OTHER], [stay(HER), stay(OTHER)])
    return settings


def addresses(settings: Settings, mode: str) -> list[str]:
    return sorted(message["email"] for message in exported(settings, mode=mode))


def test_between_the_erasure_and_the_next_run(shop: Settings) -> None:
    forget(shop, HER["stripe_customer_id"])
    export(live(shop), "email", AS_OF)
    assert addresses(shop, "live") == [OTHER["email"]]
    assert HER["stripe_customer_id"] not in statuses(shop)


def test_an_address_gets_a_campaign_once_after_an_erasure_too(shop: Settings) -> None:
    export(live(shop), "email", AS_OF)
    assert addresses(shop, "live") == [HER["email"], OTHER["email"]]
    forget(shop, HER["stripe_customer_id"])
    assert addresses(shop, "live") == [OTHER["email"]]
    assert all(row["address_hash"].startswith("erased:") for row in log(shop)
               if row["stripe_customer_id"] == HER["stripe_customer_id"])  # fmt: skip
    publish_shop(shop, [AGAIN, OTHER], [stay(AGAIN), stay(OTHER)])
    record_consent(shop, "email", AGAIN["email"], "opt_in", "form", ENTERED)
    export(live(shop), "email", AS_OF)
    assert addresses(shop, "live") == [OTHER["email"]]
    assert statuses(shop)[AGAIN["stripe_customer_id"]] == ("skipped", "duplicate_address")


def test_a_message_decided_about_before_and_recorded_after(shop: Settings) -> None:
    """An export that waited for the lake while she was erased."""
    export(live(shop), "email", AS_OF)
    rows = [row for row in log(shop) if row["stripe_customer_id"] == HER["stripe_customer_id"]]
    forget(shop, HER["stripe_customer_id"])
    lake = Lake(shop.lake)
    with lake.writing():
        append(lake, [entries("outbox_entries", rows)])
    later = [row for row in log(shop) if row["stripe_customer_id"] == HER["stripe_customer_id"]]
    assert len(later) == 2 * len(rows) > 0
    assert len({row["address_hash"] for row in later}) == 1
    assert all(row["address_hash"].startswith("erased:") for row in later)


@pytest.mark.parametrize("reason", ["opted_out", "suppressed"])
def test_who_comes_back_is_not_written_to_against_their_will(shop: Settings, reason: str) -> None:
    if reason == "suppressed":
        suppress(shop, "all", HER["email"], "asked for it")
    else:
        record_consent(shop, "email", HER["email"], "opt_out", "replied", ENTERED)
    forget(shop, HER["stripe_customer_id"])
    publish_shop(shop, [AGAIN], [stay(AGAIN)])
    record_consent(shop, "email", AGAIN["email"], "opt_in", "form", ENTERED)
    export(live(shop), "email", AS_OF)
    assert addresses(shop, "live") == []
    assert statuses(shop)[AGAIN["stripe_customer_id"]] == ("held", reason)


def test_who_comes_back_may_say_yes_again(shop: Settings) -> None:
    forget(shop, HER["stripe_customer_id"])
    publish_shop(shop, [AGAIN], [stay(AGAIN)])
    record_consent(shop, "email", AGAIN["email"], "opt_in", "form", ENTERED)
    export(live(shop), "email", AS_OF)
    assert addresses(shop, "live") == [AGAIN["email"]]


def test_a_preview_of_her_message_goes_with_her(shop: Settings) -> None:
    [campaign] = [one for one in campaigns.load_campaigns(shop) if one.channel == "email"]
    wanted = Wanted(customer=HER["stripe_customer_id"])
    seen = look_closely(shop, shop, campaign, AS_OF, wanted)
    assert seen.message is not None
    files = write_message(shop, campaign, seen.message, None, lambda: None).files
    assert "Name1" in (shop.home / "previews" / "thanks" / "subject.txt").read_text("utf-8")
    forget(shop, HER["stripe_customer_id"])
    assert not any(path.exists() for path in files)


def test_the_token_of_her_device_leaves_the_ledger(shop: Settings) -> None:
    lake = Lake(shop.lake)
    her = HER["stripe_customer_id"]
    body = json.dumps({"id": her, "object": "customer", "created": 1,
                       "metadata": {"device": " her-token ", "size": "M"}}).encode()  # fmt: skip
    row = ObjectRow(her, "customer", 1, False, False, her, "w", ENTERED, body)
    with lake.writing():
        lake.append("customers", object_table([row]), {})
    for token, status in (("her-token", "opt_in"), ("her-token", "opt_out"), ("other", "opt_in")):
        record_consent(shop, "push", token, status, "the app", ENTERED)
    forget(shop, her)
    kept = {
        (each["address"].partition(":")[0], each["status"])
        for batch in lake.read("consent_entries")
        for each in batch.to_pylist()
        if each["channel"] == "push"
    }
    assert kept == {("erased", "opt_out"), ("other", "opt_in")}
