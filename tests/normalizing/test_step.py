"""Each text of a contact is normalized once, before dbt reads it, whatever happens in between."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from stripe_pipeline.contacts.mailboxes import mailbox_of, normalize_email
from stripe_pipeline.contacts.names import first_name, last_name
from stripe_pipeline.contacts.phone_and_email import is_valid_email, normalize_phone
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import DERIVED
from stripe_pipeline.normalizing import step, tables
from stripe_pipeline.normalizing.step import normalize
from stripe_pipeline.normalizing.tables import CONTACT_TABLES, EMAILS, NAMES, PHONES
from tests.oracle.merchant import write_batches
from tests.oracle.objects import Body

AT = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())


def customer(identifier: str, **fields: Any) -> Body:
    return {"id": f"cus_{identifier}", "object": "customer", "created": AT, **fields}


def guest(identifier: str, payment: Any, **details: Any) -> Body:
    return {
        "id": f"ch_{identifier}", "object": "charge", "created": AT, "customer": None,
        "payment_intent": payment, "billing_details": details,
    }  # fmt: skip


def session(identifier: str, payment: Any, **details: Any) -> Body:
    return {
        "id": f"cs_{identifier}", "object": "checkout.session", "created": AT, "customer": None,
        "payment_intent": payment, "customer_details": details,
    }  # fmt: skip


ANN = customer(
    "ann", email=" Ann@Bücher.ORG ", name="Ann Bell", phone="030 123456",
    address={"country": "Germany"}, preferred_locales=["de_de", "en"],
)  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    write_batches(made, [ANN])
    return made


def rows(lake: Lake, table: str) -> list[dict[str, Any]]:
    return [row for part in lake.read(table) for row in part.to_pylist()]


def found(lake: Lake, table: tables.ContactTable) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """A table's rows by their key, of which none is there twice."""
    read = rows(lake, table.name)
    by_key = {
        tuple(row[name] for name in table.key): tuple(row[name] for name in table.given)
        for row in read
    }
    assert len(by_key) == len(read)
    return by_key


def test_the_functions_of_contacts_decide(lake: Lake) -> None:
    normalize(lake)
    raw = ANN["email"]
    email = normalize_email(raw)
    assert email is not None
    said = (email, mailbox_of(email), is_valid_email(email))
    assert said == ("ann@bücher.org", "ann@xn--bcher-kva.org", True)
    # The spelling that staging makes of it leads to its mailbox, too.
    assert found(lake, EMAILS) == {(raw,): said, (email,): said}
    name = ("Ann Bell", None, None)
    assert found(lake, NAMES) == {name: (first_name(*name), last_name(*name))}
    phone = ANN["phone"]
    assert found(lake, PHONES) == {(phone, "DE"): (normalize_phone(phone, "DE"),)}
    assert found(lake, tables.COUNTRIES) == {("Germany",): ("DE",)}
    assert found(lake, tables.LOCALES) == {("de_de",): ("de-DE",)}


def test_a_text_is_normalized_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first = normalize(lake)
    assert normalize(lake) == 0
    before = {table: rows(lake, table) for table in DERIVED}
    write_batches(lake, [ANN | {"id": "cus_same"}, customer("bob", name="Bob Bell")])
    asked: list[tuple[str | None, ...]] = []

    def named(*key: str | None) -> tuple[str | None, str | None]:
        asked.append(key)
        return first_name(*key), None

    spying = tables.ContactTable(NAMES.name, NAMES.key, NAMES.given, named)
    given = [spying if table is NAMES else table for table in CONTACT_TABLES]
    monkeypatch.setattr(step, "CONTACT_TABLES", tuple(given))
    assert (first, normalize(lake)) == (6, 1)
    assert asked == [("Bob Bell", None, None)]
    assert all(rows(lake, table)[: len(old)] == old for table, old in before.items())


def test_a_guests_number_is_read_where_the_other_of_checkout_and_charge_is_from(
    lake: Lake,
) -> None:
    write_batches(lake, [guest("a", "pi_a", phone="0151 2345678", name="Cy Coe")])
    normalize(lake)
    assert ("0151 2345678", "DE") not in found(lake, PHONES)
    # The payment may be whole in one of them; the session comes in a later batch than the charge.
    there = session("a", {"id": "pi_a"}, phone="call me", address={"country": "DE"})
    write_batches(lake, [there, session("b", "pi_b", phone="0151 9999999")])
    normalize(lake)
    write_batches(lake, [guest("b", "pi_b", address={"country": "FR"})])
    normalize(lake)
    numbers = found(lake, PHONES).keys()
    assert {("0151 2345678", None), ("0151 2345678", "DE"), ("call me", "DE")} <= numbers
    assert {("0151 9999999", None), ("0151 9999999", "FR")} <= numbers
    assert ("Cy Coe", None, None) in found(lake, NAMES)


def test_after_a_crash_the_next_call_goes_on(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for table in range(len(CONTACT_TABLES)):
        _crash_at(lake, table, monkeypatch)
        # Not recorded as done: staging wouldn't read the batch.
        assert not lake.batches("contact_batches")
    normalize(lake)
    assert [len(found(lake, table)) for table in CONTACT_TABLES] == [1, 1, 1, 2, 1]
    assert {row["resource"] for row in rows(lake, "contact_batches")} == {
        "customers", "charges", "checkout_sessions"
    }  # fmt: skip


def _crash_at(lake: Lake, table: int, monkeypatch: pytest.MonkeyPatch) -> None:
    original = lake.append

    def append(name: str, *given: Any) -> Any:
        if name == CONTACT_TABLES[table].name and given[0].num_rows:
            raise KeyboardInterrupt
        return original(name, *given)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(lake, "append", append)
        normalize(lake)


def test_another_code_normalizes_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    normalize(lake)
    for module in (step, tables):
        monkeypatch.setattr(module, "normalizing_code", lambda: "of tomorrow")
    assert normalize(lake) == 6
    for table in DERIVED:
        assert {row["code"] for row in rows(lake, table)} == {"of tomorrow"}
    assert normalize(lake) == 0


def test_a_damaged_table_is_computed_again(lake: Lake) -> None:
    normalize(lake)
    before = {table.name: found(lake, table) for table in CONTACT_TABLES}
    batch = lake.batches(EMAILS.name)[0]
    batch.path.write_bytes(batch.path.read_bytes()[:-9])
    normalize(lake)
    assert {table.name: found(lake, table) for table in CONTACT_TABLES} == before
    # So is one that isn't there.
    lake.batches(NAMES.name)[0].path.unlink()
    normalize(lake)
    assert {table.name: found(lake, table) for table in CONTACT_TABLES} == before


def test_a_lake_of_an_older_backup_is_read_whole(lake: Lake) -> None:
    write_batches(lake, [customer("bob", name="Bob Bell")])
    normalize(lake)
    newest = lake.batches("customers")[-1]
    newest.path.unlink()
    normalize(lake)
    write_batches(lake, [customer("cy", name="Cy Coe")])
    normalize(lake)
    assert ("Cy Coe", None, None) in found(lake, NAMES)


def test_a_sync_that_goes_on_is_not_waited_for(lake: Lake) -> None:
    with lake.writing():
        assert normalize(lake) == 6


def test_a_sync_leaves_a_file_that_is_being_written(lake: Lake) -> None:
    normalize(lake)
    unfinished = lake.root / EMAILS.name / ".0000000002.parquet.tmp"
    unfinished.touch()
    with lake.writing():
        assert unfinished.exists()
    with lake.deriving(0):
        assert not unfinished.exists()


def test_a_folder_with_signs_of_patterns_and_quotes(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "shop's [live] *" / "lake")
    write_batches(lake, [ANN])
    assert normalize(lake) == 6


def test_the_files_say_what_a_row_needs(lake: Lake) -> None:
    normalize(lake)
    for table in CONTACT_TABLES:
        schema = pq.read_schema(lake.batches(table.name)[0].path)
        assert schema.names == [*table.key, *table.given, "code", "batch", "position"]
