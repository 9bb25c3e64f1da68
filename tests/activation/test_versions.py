"""Versions of campaigns: what makes one, what is recorded, and which messages are of which."""

import json
import signal

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.versions import Version, recorded_versions, text_changes
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.activation.dying_export import DyingExport
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    consent,
    customer,
    exported,
    live,
    log,
    publish_shop,
    stay,
)

EDITED = EMAIL.replace("You spent", "You have spent")
PEOPLE = [customer(number) for number in range(3)]


def _open(shop: Settings, people: int) -> Settings:
    (shop.campaigns / "1.yml").unlink(missing_ok=True)
    inside = PEOPLE[:people]
    consents = [consent(one["email"]) for one in PEOPLE]
    publish_shop(shop, PEOPLE, map(stay, inside), consents)
    return live(shop)


def _edit(shop: Settings, text: str) -> None:
    (shop.campaigns / "0.yml").write_text(text, encoding="utf-8")


def _versions(shop: Settings) -> list[Version]:
    return recorded_versions(Lake(shop.lake), "thanks")


def test_an_edit_is_a_version_and_its_messages_say_so(shop: Settings) -> None:
    export(_open(shop, 1), "email", AS_OF)
    export(_open(shop, 1), "email", AS_OF)
    _edit(shop, EDITED)
    export(_open(shop, 2), "email", AS_OF)
    assert [(one.version, one.is_live, one.as_of) for one in _versions(shop)] == [
        (1, True, AS_OF), (2, True, AS_OF),
    ]  # fmt: skip
    assert [(row["body"][:8], row["campaign_version"]) for row in exported(shop)] == [
        ("You spen", "1"), ("You have", "2"),
    ]  # fmt: skip
    assert [row["campaign_version"] for row in log(shop)] == [1, 2]
    manifests = sorted(shop.exports.glob("*/*/manifest.json"))
    found = {json.loads(path.read_text())["campaign_version"] for path in manifests}
    assert found == {1, 2}
    _edit(shop, EMAIL)
    export(_open(shop, 3), "email", AS_OF)
    assert [one.version for one in _versions(shop)] == [1, 2, 3]
    assert _versions(shop)[0].digest == _versions(shop)[2].digest


def test_what_is_written_under_a_version_goes_out_as_it(shop: Settings) -> None:
    _open(shop, 2)
    assert DyingExport(shop, "before_it_appears").end() == -signal.SIGKILL
    _edit(shop, EDITED)
    export(_open(shop, 3), "email", AS_OF)
    told = sorted((row["stripe_customer_id"], row["campaign_version"]) for row in exported(shop))
    assert told == [("cus_0000", "1"), ("cus_0001", "1"), ("cus_0002", "2")]
    assert [row["body"][:8] for row in exported(shop) if row["campaign_version"] == "1"] == [
        "You spen", "You spen",
    ]  # fmt: skip


def test_a_person_who_is_joined_keeps_the_version_that_was_sent(shop: Settings) -> None:
    export(_open(shop, 1), "email", AS_OF)
    _edit(shop, EDITED)
    people = [customer(0, stripe_person_id="cus_0001"), PEOPLE[1]]
    publish_shop(shop, people, map(stay, people), [consent(one["email"]) for one in people])
    assert export(live(shop), "email", AS_OF).new_messages == 0
    assert [(row["status"], row["campaign_version"]) for row in log(shop)] == [
        ("exported", 1), ("exported", 1),
    ]  # fmt: skip


def test_every_file_that_a_message_is_made_of_counts(shop: Settings) -> None:
    head = "name: spring\nsegment: vip\nexisting_members: skip\nchannel: email\n"
    files = {
        "spring/campaign.yml": head, "spring/subject.txt": "Hi",
        "spring/body.txt": "{% render 'footer' %}",
        "shared/footer.txt": "Bye", "shared/other.txt": "Not rendered",
    }  # fmt: skip
    for name, text in files.items():
        path = shop.campaigns / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    [spring] = [one for one in load_campaigns(shop) if one.name == "spring"]
    assert spring.sources == {
        "campaign.yml": head, "subject.txt": "Hi", "body.txt": "{% render 'footer' %}",
        "shared/footer.txt": "Bye",
    }  # fmt: skip


def test_the_changes_of_a_version_are_its_lines(shop: Settings) -> None:
    export(_open(shop, 1), "email", AS_OF)
    _edit(shop, EDITED)
    export(_open(shop, 1), "email", AS_OF)
    first, second = _versions(shop)
    changes = text_changes(first, second)
    assert "-  You spent {{ profile.stripe_total_sales }}." in changes
    assert "+  You have spent {{ profile.stripe_total_sales }}." in changes
    assert text_changes(first, first) == []
