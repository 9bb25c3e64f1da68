"""Consents and suppressions: imported whole or not at all, spelled one way, recorded once."""

import os
from pathlib import Path
from typing import Any

import pytest

from stripe_pipeline.activation import committing, files
from stripe_pipeline.activation.addresses import normalize_phone
from stripe_pipeline.activation.consent import ConsentReport, import_consents, record_consent
from stripe_pipeline.activation.export import export
from stripe_pipeline.activation.suppress import lift, suppress
from stripe_pipeline.contacts.mailboxes import normalize_email
from stripe_pipeline.errors import PipelineError, UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.settings import Settings
from tests.activation.shop import AS_OF, consent, customer, live, publish_shop, stay

HEADER = "channel,address,status,source,occurred_at\n"
GOOD = "email,ada@shop.example,opt_in,form,2026-01-01T09:00:00Z\n"


def _rows(settings: Settings, table: str) -> list[dict[str, Any]]:
    return [row for batch in Lake(settings.lake).read(table) for row in batch.to_pylist()]


def _file(folder: Path, text: str) -> Path:
    path = folder / "consents.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_import_spells_addresses_and_records_each_row_once(shop: Settings) -> None:
    path = _file(
        shop.home,
        "\ufeff" + HEADER + GOOD
        + "EMAIL, Ada@Shop.example ,opt_in,form,2026-01-01T10:00:00+01:00\n"
        + 'sms,+1 (201) 555-0123,opt_out,"reply, by text",2026-01-02\n',
    )  # fmt: skip
    assert import_consents(shop, path) == ConsentReport(read=3, recorded=2)
    assert import_consents(shop, path) == ConsentReport(read=3, recorded=0)
    rows = _rows(shop, "consent_entries")
    assert [row["address"] for row in rows] == ["ada@shop.example", "+12015550123"]
    assert [row["occurred_at"].isoformat() for row in rows] == [
        "2026-01-01T09:00:00+00:00",
        "2026-01-02T00:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEADER + GOOD + "email,ada,opt_in,form,2026-01-01\n", 3, "is no email address"),
        (HEADER + "sms,0151 123,opt_in,form,2026-01-01\n", 2, "with its country code"),
        (HEADER + "emial,a@b.example,opt_in,form,2026-01-01\n", 2, "did you mean email?"),
        (HEADER + "email,a@b.example,optin,form,2026-01-01\n", 2, "did you mean opt_in?"),
        (HEADER + "email,a@b.example,opt_in,,2026-01-01\n", 2, "the source is empty"),
        (HEADER + "email,a@b.example,opt_in,form,yesterday\n", 2, "is no instant"),
        (HEADER + "email,a@b.example,opt_in,form\n", 2, "5 values"),
        (HEADER + "email,a@b.example,opt_in,form,2026-01-01,x\n", 2, "5 values"),
        ("channel,adress,status,source,occurred_at\n", 1, "did you mean address?"),
        ("channel,address,status\n", 1, "the first line has to be channel,address"),
        ("", 1, "the first line has to be channel,address"),
        (HEADER + 'email,"a@b.example,opt_in,form,2026-01-01\n', 2, "isn't CSV"),
    ],
)
def test_a_wrong_row_refuses_the_file(shop: Settings, text: str, line: int, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        import_consents(shop, _file(shop.home, text))
    message = str(caught.value)
    assert f"consents.csv, line {line}: " in message
    assert said in message
    assert "a@b.example" not in message
    assert not _rows(shop, "consent_entries")


def test_a_file_that_cant_be_read_is_one_plain_sentence(shop: Settings) -> None:
    with pytest.raises(UsageError, match="No such file"):
        import_consents(shop, shop.home / "missing.csv")
    path = shop.home / "latin.csv"
    path.write_bytes((HEADER + "email,zo\xeb@b.example,opt_in,form,2026-01-01\n").encode("latin-1"))
    with pytest.raises(UsageError, match="it isn't UTF-8"):
        import_consents(shop, path)


def test_a_single_consent(shop: Settings) -> None:
    assert record_consent(shop, "email", "ADA@shop.example", "opt_out", "a letter").recorded == 1
    with pytest.raises(UsageError, match="This consent can't be recorded: the status"):
        record_consent(shop, "email", "ada@shop.example", "opt-out", "a letter")
    assert [row["status"] for row in _rows(shop, "consent_entries")] == ["opt_out"]


def test_what_people_say_is_recorded_while_a_sync_holds_the_lake(shop: Settings) -> None:
    with Lake(shop.lake).writing():
        record_consent(shop, "email", "ada@shop.example", "opt_out", "a letter")
        suppress(shop, "all", "+12015550123", "a call")
        lift(shop, "all", "+12015550123", "a mistake")
    assert [row["status"] for row in _rows(shop, "consent_entries")] == ["opt_out"]
    assert [row["is_active"] for row in _rows(shop, "suppression_entries")] == [True, False]


def test_a_consent_waits_for_no_one_for_ever(
    shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe_pipeline.activation.consent.LEDGER_PATIENCE_SECONDS", 0.1)
    said = rf"written by another process \(process {os.getpid()}, since 20\d\d-.* UTC\)"
    with Lake(shop.lake).recording(0), pytest.raises(PipelineError, match=said):
        record_consent(shop, "email", "ada@shop.example", "opt_out", "a letter")


def test_no_one_records_between_an_exports_last_look_and_its_folder(
    shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = customer(1)
    publish_shop(shop, [person], [stay(person)], [consent(person["email"])])
    tried: list[str] = []

    def appear(folder: Path) -> None:
        with pytest.raises(PipelineError, match="written by another"), Lake(shop.lake).recording(0):
            pass
        tried.append(folder.name)
        files.appear(folder)

    monkeypatch.setattr(committing, "appear", appear)
    assert export(live(shop), "email", AS_OF).new_messages == 1
    assert len(tried) == 1


def test_suppressing_and_lifting_change_only_what_differs(shop: Settings) -> None:
    assert suppress(shop, "email", "Ada@shop.example", "bounced")
    assert not suppress(shop, "email", "ada@shop.example", "bounced again")
    assert not lift(shop, "all", "ada@shop.example", "never was")
    assert lift(shop, "email", "ada@shop.example", "a new mailbox")
    assert not lift(shop, "email", "ada@shop.example", "once more")
    assert suppress(shop, "all", "+12015550123", "asked us to")
    assert [row["is_active"] for row in _rows(shop, "suppression_entries")] == [True, False, True]


@pytest.mark.parametrize(
    ("channel", "address", "reason", "said"),
    [
        ("emial", "a@b.example", "x", "did you mean email?"),
        ("email", "a@b", "x", "The address can't be one for email"),
        ("all", "12", "x", "The address can't be one for sms"),
        ("email", "a@b.example", " ", "needs a reason"),
    ],
)
def test_a_wrong_suppression_is_refused(
    shop: Settings, channel: str, address: str, reason: str, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        suppress(shop, channel, address, reason)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("  Ada@Shop.Example\u200b ", "ada@shop.example"),
        ("zoë@MÜNCHEN.example", "zoë@münchen.example"),
        ("ΟΔΟΣ@x.example", "οδοσ@x.example"),
        ("İ@x.example", "i@x.example"),
        ("a b@x.example", None),
        ("a\u00adb@x.example", None),
        ("a@b@x.example", None),
        ("@x.example", None),
        ("a@x", None),
        ("a@.example", None),
        ("a@x..example", None),
        ("", None),
    ],
)
def test_one_spelling_of_an_email_address(typed: str, spelled: str | None) -> None:
    assert normalize_email(typed) == spelled


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("+49 30 901820", "+4930901820"),
        (" +1-201-555-0123 ", "+12015550123"),
        ("030 901820", None),
        ("+1 555", None),
        ("call me", None),
        ("", None),
    ],
)
def test_one_spelling_of_a_phone_number(typed: str, spelled: str | None) -> None:
    assert normalize_phone(typed) == spelled
