"""A template that fails for one customer holds that message; all others go out."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.templates import Template, TemplateError
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    EMAIL,
    consent,
    customer,
    exported,
    live,
    log,
    publish_shop,
    statuses,
    stay,
)

OTHER = EMAIL.replace("name: thanks", "name: welcome").replace("You spent", "Hello,")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """First names for which no template works; empty it and they work again."""
    names: set[str] = {"Name1"}
    works = Template.render

    def render(template: Template, profile: Mapping[str, Any], extras: Mapping[str, Any]) -> str:
        if profile.get("first_name") in names and "You spent" in template.source:
            raise TemplateError("a filter can't take the value it is given.")
        return works(template, profile, extras)

    monkeypatch.setattr(Template, "render", render)
    return names


@pytest.fixture
def three(shop: Settings) -> Settings:
    """Two campaigns for the same three customers."""
    (shop.campaigns / "2.yml").write_text(OTHER, encoding="utf-8")
    people = [customer(number) for number in range(3)]
    consents = [consent(one["email"]) for one in people]
    publish_shop(shop, people, [stay(one) for one in people], consents)
    return shop


def test_only_the_message_that_fails_is_held(three: Settings, failing: set[str]) -> None:
    thanks, welcome = export(three, "email", AS_OF).campaigns
    assert (thanks.new_messages, thanks.failed) == (2, 1)
    assert thanks.counts == {"rehearsed": {"live_sends_off": 2}, "held": {"template_failed": 1}}
    assert (welcome.new_messages, welcome.failed) == (3, 0)
    held = [row for row in log(three) if row["status"] == "held"]
    assert [(row["stripe_customer_id"], row["reason"]) for row in held] == [
        ("cus_0001", "template_failed")
    ]
    assert held[0]["export_id"] is None


def test_the_manifest_counts_what_is_there(three: Settings, failing: set[str]) -> None:
    folder = export(three, "email", AS_OF).campaigns[0].folder
    assert folder is not None
    manifest = json.loads((folder / "manifest.json").read_text())
    lines = (folder / "email.jsonl").read_text().splitlines()
    keys = sorted(json.loads(line)["message_key"] for line in lines)
    assert manifest["messages"] == len(keys) == 2
    assert manifest["message_keys_sha256"] == hashlib.sha256("\n".join(keys).encode()).hexdigest()
    assert manifest["counts"]["held"] == {"template_failed": 1}


def test_a_held_message_is_tried_again_and_logged_once(three: Settings, failing: set[str]) -> None:
    export(three, "email", AS_OF)
    before, folders = len(log(three)), list(three.exports.glob("*/*"))
    again = export(three, "email", AS_OF + timedelta(hours=1)).campaigns[0]
    assert (again.new_messages, again.failed) == (0, 1)
    assert (len(log(three)), list(three.exports.glob("*/*"))) == (before, folders)
    failing.clear()
    mended = export(three, "email", AS_OF + timedelta(hours=2)).campaigns[0]
    assert (mended.new_messages, mended.failed) == (1, 0)
    assert mended.counts == {"rehearsed": {"live_sends_off": 3}}
    assert len(exported(three)) == 6


def test_a_live_message_that_fails_goes_out_once_it_works(
    three: Settings, failing: set[str]
) -> None:
    first = export(live(three), "email", AS_OF).campaigns[0]
    assert first.counts == {"exported": {"": 2}, "held": {"template_failed": 1}}
    failing.clear()
    assert export(live(three), "email", AS_OF).new_messages == 1
    assert set(statuses(three).values()) == {("exported", None)}


def test_where_all_fail_there_is_no_folder(three: Settings, failing: set[str]) -> None:
    failing.update({"Name0", "Name2"})
    thanks, welcome = export(three, "email", AS_OF).campaigns
    assert (thanks.new_messages, thanks.failed, thanks.folder) == (0, 3, None)
    assert list(three.exports.glob("thanks/*")) == []
    assert welcome.new_messages == 3
