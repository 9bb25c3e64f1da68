"""Push messages: their texts, their tokens, their files, and whom they must not reach."""

import csv
from pathlib import Path

import pytest

from stripe_pipeline.activation.campaigns import load_campaigns
from stripe_pipeline.activation.consent import record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.previews.closely import Wanted, look_closely
from stripe_pipeline.activation.previews.push_limits import push_remarks
from stripe_pipeline.activation.suppress import suppress
from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings import Settings, load_settings
from tests.activation.shop import (
    AS_OF,
    consent,
    customer,
    exported,
    live,
    open_shop,
    publish_shop,
    statuses,
    stay,
)

PUSH = """\
name: news
segment: vip
existing_members: include
channel: push
title: "Thank you, {{ profile.first_name }}"
body: See what is new.
link: "https://shop.example/new?of={{ profile.stripe_customer_id }}"
"""


@pytest.fixture
def phones(tmp_path: Path) -> Settings:
    """A shop whose customers have tokens in their metadata, two of them the same one."""
    settings = open_shop(tmp_path / "home", PUSH)
    settings = settings.model_copy(update={"push_token_key": "device"})
    people = [customer(each, stripe_metadata_device=f"token-{each}") for each in range(7)]
    people[1]["stripe_metadata_device"] = " "
    people[3]["stripe_metadata_device"] = " token-2 "
    people[6]["stripe_metadata_device"] = "=token"
    tokens = [f"token-{each}" for each in (0, 2, 4)] + ["=token"]
    consents = [consent(token, channel="push") for token in tokens]
    publish_shop(settings, people, map(stay, people), consents)
    return live(settings)


def test_a_token_with_an_opt_in_gets_the_message_once(phones: Settings) -> None:
    record_consent(phones, "push", "token-4", "opt_out", "the app")
    export(phones, "push", AS_OF)
    assert statuses(phones) == {
        "cus_0000": ("exported", None),
        "cus_0001": ("held", "no_address"),
        "cus_0002": ("exported", None),
        "cus_0003": ("skipped", "duplicate_address"),
        "cus_0004": ("held", "opted_out"),
        "cus_0005": ("held", "no_consent"),
        "cus_0006": ("held", "unsafe_address"),
    }
    assert [
        (row["push_token"], row["title"], row["body"], row["link"]) for row in exported(phones)
    ] == [
        (f"token-{each}", f"Thank you, Name{each}", "See what is new.",
         f"https://shop.example/new?of=cus_000{each}")
        for each in (0, 2)
    ]  # fmt: skip
    [path] = phones.exports.glob("news/*/push.csv")
    with path.open(encoding="utf-8", newline="") as file:
        assert [row["push_token"] for row in csv.DictReader(file)] == ["token-0", "token-2"]
    export(phones, "push", AS_OF)
    assert len(exported(phones)) == 2


def test_who_is_suppressed_on_all_channels_gets_no_push_either(phones: Settings) -> None:
    suppress(phones, "all", "c0@shop.example", "asked us")
    suppress(phones, "push", "token-2", "uninstalled")
    export(phones, "push", AS_OF)
    assert statuses(phones)["cus_0000"] == ("held", "suppressed")
    assert statuses(phones)["cus_0002"] == ("held", "suppressed")


def test_an_opt_in_of_a_token_says_whether_it_is_known(phones: Settings) -> None:
    assert record_consent(phones, "push", "token-2", "opt_in", "the app").owners == 2
    assert record_consent(phones, "push", "token-9", "opt_in", "the app").unknown == 1


def test_without_the_setting_no_one_has_a_token(phones: Settings) -> None:
    export(phones.model_copy(update={"push_token_key": ""}), "push", AS_OF)
    assert set(statuses(phones).values()) == {("held", "no_address")}


def test_the_preview_says_what_the_export_writes(phones: Settings) -> None:
    [campaign] = load_campaigns(phones)
    seen = look_closely(phones, phones, campaign, AS_OF, Wanted())
    export(phones, "push", AS_OF)
    assert seen.due == {row["message_key"] for row in exported(phones)}
    assert seen.message is not None
    assert list(push_remarks(seen.message)) == [
        "Title: 16 characters.", "Body: 16 characters.", "Size: 105 bytes.",
        "Link: https://shop.example/new?of=cus_0000",
    ]  # fmt: skip


def test_what_phones_or_their_services_dont_take_is_told() -> None:
    message = {"title": "x" * 51, "body": "ä" * 2500, "link": "shop.example"}
    assert list(push_remarks(message)) == [
        "Title: 51 characters; phones show about 50.",
        "Body: 2,500 characters; phones show about 150.",
        "Size: 5,100 bytes; Apple and Google take no more than 4,096.",
        "The link has no address, such as https://shop.example/new or shop://new.",
        "Link: shop.example",
    ]
    assert "There is no link in it; a tap opens the app." in push_remarks(
        {"title": "a", "body": "b"}
    )


def test_the_key_of_the_tokens_is_a_field_of_the_profiles() -> None:
    settings = load_settings(_env_file=None, STRIPE_PIPELINE_PUSH_TOKEN_KEY=" Push token ")
    assert settings.metadata_columns == {"stripe_metadata_push_token": "Push token"}
    assert settings.push_token_column == "stripe_metadata_push_token"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title: "Thank you, {{ profile.first_name }}"\n', "", "a push message needs a title"),
        ("title:", "subject:", "a push message has no subject; take the line away."),
        ("channel: push", "channel: sms", "a text message has no link; take the line away."),
        ("channel: push", "channel: email", "an email has no title; take the line away."),
        ("body: See", "body_format: html\nbody: See", "a push message has no html"),
        ("See what", "See <b>what</b>", "a push message is text"),
        ("{{ profile.first_name }}", "{{ profile.frist_name }}", "profile.first_name"),
    ],
)
def test_what_a_push_message_cant_be(shop: Settings, old: str, new: str, said: str) -> None:
    (shop.campaigns / "1.yml").unlink()
    (shop.campaigns / "0.yml").write_text(PUSH.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError) as told:
        load_campaigns(shop)
    assert said in str(told.value)


def test_texts_in_files_and_languages_share_one_link(shop: Settings) -> None:
    (shop.campaigns / "1.yml").unlink()
    folder = shop.campaigns / "news"
    folder.mkdir()
    (folder / "campaign.yml").write_text(
        "name: news\nsegment: vip\nexisting_members: skip\nchannel: push\n", "utf-8"
    )
    texts = {"title": "New", "title.de": "Neu", "body": "See.", "body.de": "Sieh.", "link": "a://b"}
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    campaign = next(one for one in load_campaigns(shop) if one.name == "news")
    assert campaign.parts == ["title", "body", "link"]
    assert campaign.wording("de")["title"].source == "Neu"
    (folder / "subject.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match=r"is title\.txt, body\.txt and link\.txt; take this file"):
        load_campaigns(shop)
