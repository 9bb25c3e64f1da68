"""What an exported message says: names, amounts and dates in its texts, on each channel."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from stripe_pipeline.activation.export import export
from stripe_pipeline.settings import Settings
from tests.activation.shop import (
    AS_OF,
    consent,
    customer,
    exported,
    open_shop,
    publish_shop,
    statuses,
    stay,
    written,
)


def test_an_sms_has_a_number_and_no_subject(shop: Settings) -> None:
    person = customer(1)
    consents = [consent(person["phone"], channel="sms")]
    publish_shop(shop, [person], [stay(person, "past_due")], consents)
    folder = written(export(shop, "sms", AS_OF))
    with (folder / "sms.csv").open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    assert row["phone"] == "+12015550001"
    assert row["body"] == "Name1 please pay"
    assert "subject" not in row


def test_a_name_cant_add_a_header_to_a_subject(shop: Settings) -> None:
    person = customer(1, first_name="Eve\r\nBcc: all@shop.example")
    publish_shop(shop, [person], [stay(person)], [consent(person["email"])])
    export(shop, "email", AS_OF)
    assert exported(shop)[0]["subject"] == "Thank you, Eve Bcc: all@shop.example"


def test_amounts_and_dates_print_as_a_person_writes_them(tmp_path: Path) -> None:
    body = (
        "{{ profile.stripe_total_sales }}|{{ profile.stripe_order_last_value }}|"
        "{{ profile.created_at }}|{{ profile.created_at | date: '%d.%m.%Y' }}|{{ today }}|"
        "{{ profile.stripe_sales_by_currency.kwd | default: 'none' }}|"
        "{{ profile.stripe_sales_by_currency }}|"
        "[{{ profile.stripe_last_create_order_date | date: '%Y' }}]|"
        "{% if profile.stripe_total_sales > 12 %}big{% endif %}"
    )
    campaign = (
        f"name: raw\nsegment: vip\nexisting_members: include\n"
        f'channel: email\nsubject: s\nbody: "{body}"\n'
    )
    settings = open_shop(tmp_path / "home", campaign)
    settings = settings.model_copy(update={"reporting_timezone": "Asia/Tokyo"})
    person = customer(
        1,
        stripe_order_last_value=Decimal("1200.000"),
        stripe_order_last_currency="jpy",
        stripe_sales_by_currency={"jpy": Decimal("1200.000"), "kwd": Decimal("1.250")},
    )
    publish_shop(settings, [person], [stay(person)], [consent(person["email"])])
    export(settings, "email", AS_OF)
    assert exported(settings)[0]["body"] == (
        "12.50|1200|2026-01-02|02.01.2026|2026-11-22|1.250|jpy 1200, kwd 1.250|[]|big"
    )


@pytest.mark.parametrize("body_format", ["text", "html"])
def test_an_export_says_what_its_bodies_are(tmp_path: Path, body_format: str) -> None:
    tag = {"text": "", "html": "<br>"}[body_format]
    settings = open_shop(
        tmp_path / "home",
        f"name: raw\nsegment: vip\nexisting_members: include\n"
        f"channel: email\nsubject: '{{{{ profile.first_name }}}}'\n"
        f"body_format: {body_format}\nbody: '{tag}{{{{ profile.first_name }}}}'\n",
    )
    person = customer(1, first_name="A & B")
    publish_shop(settings, [person], [stay(person)], [consent(person["email"])])
    folder = written(export(settings, "email", AS_OF))
    assert json.loads((folder / "manifest.json").read_text())["body_format"] == body_format
    [message] = exported(settings)
    assert message["body_format"] == body_format
    assert message["subject"] == "A & B"
    assert message["body"] == {"text": "A & B", "html": "<br>A &amp; B"}[body_format]
    with (folder / "email.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["body_format"] == body_format


def test_a_name_that_is_too_long_for_a_message_holds_that_message(tmp_path: Path) -> None:
    """A template that passed the check, for a customer whom no sample is like."""
    settings = open_shop(
        tmp_path / "home",
        "name: raw\nsegment: vip\nexisting_members: include\n"
        "channel: email\nsubject: s\nbody: '{{ profile.first_name }}'\n",
    )
    people = [customer(1, first_name="x" * 2_000_000), customer(2)]
    consents = [consent(one["email"]) for one in people]
    publish_shop(settings, people, [stay(one) for one in people], consents)
    assert export(settings, "email", AS_OF).new_messages == 1
    assert statuses(settings)["cus_0001"] == ("held", "template_failed")
