"""One object never stops an account: it is kept apart with its reason, and all else goes on."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.forget import forget
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.quarantine import TABLE, in_quarantine
from stripe_pipeline.lake_checks.quarantined import quarantined_verdict
from stripe_pipeline.settings import Settings
from stripe_pipeline.stripe_api.reconciliation.reconcile import reconcile
from stripe_pipeline.stripe_api.sync import sync
from stripe_pipeline.stripe_api.webhooks.spool import SpoolWriter, is_waiting
from tests.stripe_api.fake import Account, Answer, Fault, Request, nested
from tests.stripe_api.lakes import assert_mirrors, current, live, versions
from tests.stripe_api.odd_objects import ODD, WITH_ID, WITHOUT_ID, body
from tests.stripe_api.shop import SPRING, add_customer, add_invoice, line, stock


def spoiled(account: Account, **odd: bytes) -> Fault:
    """Serve these bodies in the place of the objects that have these ids, in lists and alone."""

    def fault(request: Request) -> Answer | None:
        account.fault = lambda _: None
        answer = account.answer(request)
        account.requests.pop()
        account.fault = fault
        raw = json.dumps(answer.body).encode()
        for identifier, spoilt in odd.items():
            if (request.path == "/v1/events") != identifier.startswith("evt_"):
                continue
            found = _object_in(raw, identifier)
            raw = raw.replace(found, spoilt) if found else raw
        return Answer(answer.status, raw=raw)

    return fault


def _object_in(raw: bytes, identifier: str) -> bytes:
    """The text of an object in an answer, as it is written."""
    decoder = json.JSONDecoder()
    text = raw.decode()
    start = text.find(f'{{"id": "{identifier}", "object"')
    return text[start : decoder.raw_decode(text, start)[1]].encode() if start >= 0 else b""


def held(lake: Lake) -> dict[str, str]:
    """The reasons of what is in quarantine, by id or digest."""
    return {each.object_id or "": each.reason for each in in_quarantine(lake)}


def kept_bodies(lake: Lake) -> list[bytes | None]:
    return [each for part in lake.read(TABLE) for each in part["body"].to_pylist()]


@pytest.mark.parametrize("name", ODD)
def test_everything_else_goes_on(
    account: Account, settings: Settings, lake: Lake, name: str
) -> None:
    """Of three pages, one object in the middle of the first is odd."""
    odd, words = ODD[name]
    stock(account, 250)
    account.fault = spoiled(account, in_0200=odd)
    sync(settings)
    [found] = in_quarantine(lake)
    assert words in found.reason
    assert (found.resource, found.object_id) == ("invoices", "in_odd" if name in WITH_ID else None)
    assert kept_bodies(lake)[-1] == odd
    account.fault = lambda _: None
    del account.objects["invoices"]["in_0200"]
    assert_mirrors(lake, account)


@pytest.mark.parametrize("odd", [WITH_ID["NaN"][0], WITHOUT_ID["no id"][0], b"null"])
@pytest.mark.parametrize("places", [[151], [249], [0], range(140, 160), range(120, 230)])
def test_wherever_on_a_page_it_stands(
    account: Account, settings: Settings, lake: Lake, odd: bytes, places: Any
) -> None:
    """The last of a page, the first and the last of all, many at once."""
    stock(account, 250)
    ids = [f"in_{number:04d}" for number in places]
    account.fault = spoiled(account, **dict.fromkeys(ids, odd))
    if len(ids) > 100 and b"in_odd" not in odd:
        with pytest.raises(PipelineError, match="no object of a page has an id to go on after"):
            sync(settings)
        return
    sync(settings)
    assert len(in_quarantine(lake)) == 1  # all are the same
    for each in ids:
        del account.objects["invoices"][each]
    account.fault = lambda _: None
    assert_mirrors(lake, account)


def test_what_the_check_says(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account, 250)
    sync(settings)
    assert quarantined_verdict(lake, "invoices").passed
    ids = [f"in_{number:04d}" for number in range(200, 207)]
    fields: Callable[..., bytes] = body
    odd = {each: fields(id=each, total="12") for each in ids} | {"in_0100": b"null"}
    account.fault = spoiled(account, **odd)
    sync(settings, full=True)
    verdict = quarantined_verdict(lake, "invoices")
    assert not verdict.passed
    assert verdict.numbers["quarantined"] == 8
    assert "8 invoices can't be used" in verdict.sentence
    assert "in_0100 (it isn't an object" in verdict.sentence
    assert "in_0201 (its total can't be counted with" in verdict.sentence
    assert "; and 3 more" in verdict.sentence
    assert "stripe-pipeline sync" in verdict.sentence
    assert "\n" not in verdict.sentence
    assert quarantined_verdict(lake, "customers").passed


def test_an_older_version_stays_until_a_usable_one_comes(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    was = synced.objects["invoices"]["in_0003"]
    changed = synced.objects["invoices"]["in_0003"] = was | {"total": 7}
    synced.event("invoice.updated", changed)
    synced.fault = spoiled(synced, in_0003=body(id="in_0003", total=b"NaN"))
    report = sync(settings)
    assert held(lake)["in_0003"].startswith("it isn't valid JSON")
    assert report["invoices"].quarantined == 1
    assert live(lake, "invoices")["in_0003"] == was
    assert sync(settings).rows == 0
    assert len(kept_bodies(lake)) == 1, "the same body is kept once"
    synced.fault = lambda _: None
    assert sync(settings)["invoices"].changed == 1
    assert held(lake) == {}
    assert_mirrors(lake, synced)


def test_mended_to_what_it_was_before(synced: Account, settings: Settings, lake: Lake) -> None:
    """Nothing has to be written but that it is usable."""
    synced.fault = spoiled(synced, in_0003=body(id="in_0003", total="x"))
    sync(settings, full=True)
    assert list(held(lake)) == ["in_0003"]
    synced.fault = lambda _: None
    assert sync(settings).rows == 0
    assert held(lake) == {}


def test_what_has_no_id_is_released_by_a_whole_reading(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    account.fault = spoiled(account, in_0003=b'{"nothing": "of use"}')
    for full in (False, False, True):
        sync(settings, full=full)
        [found] = in_quarantine(lake)
        assert (found.object_id, found.after_id) == (None, "in_0004")
        assert "the one after in_0004 (it" in quarantined_verdict(lake, "invoices").sentence
    account.fault = lambda _: None
    sync(settings, full=True)
    assert held(lake) == {}
    assert_mirrors(lake, account)


def test_what_has_no_id_any_more(synced: Account, settings: Settings, lake: Lake) -> None:
    """It isn't in the list under its id, so it is asked for: then it is known which it is."""
    synced.fault = spoiled(synced, in_0003=b'{"nothing": "of use"}')
    for full in (True, False, True):
        sync(settings, full=full)
        assert held(lake) == {"in_0003": "it has no usable id"}
    assert "in_0003" in live(lake, "invoices")
    synced.fault = lambda _: None
    sync(settings)
    assert held(lake) == {}


def test_deleted_in_stripe(account: Account, settings: Settings, lake: Lake) -> None:
    stock(account, 5)
    account.fault = spoiled(account, in_0003=body(id="in_0003", total="x"))
    sync(settings)
    account.fault = lambda _: None
    account.delete("invoices", "in_0003")
    sync(settings)
    assert held(lake) == {}


def test_an_object_asked_for_by_its_id(synced: Account, settings: Settings, lake: Lake) -> None:
    """The customer whom an event names; the others of the same events are read."""
    for number in (1, 2, 3):
        customer = {**synced.objects["customers"][f"cus_{number:04d}"], "name": "new"}
        synced.objects["customers"][customer["id"]] = customer
        synced.event("customer.updated", customer)
    odd = body(id="cus_0002", object="customer", name=rb'"\ud800"')
    synced.fault = spoiled(synced, cus_0002=odd)
    sync(settings)
    assert held(lake) == {"cus_0002": "a text in it has half a surrogate pair"}
    names = {each: live(lake, "customers")[each]["name"] for each in ("cus_0001", "cus_0003")}
    assert set(names.values()) == {"new"}


def test_a_line_of_a_long_invoice(account: Account, settings: Settings, lake: Lake) -> None:
    """On the second page of the lines: without it the invoice would be worth less."""
    add_customer(account, 1)
    for number in (1, 2):
        add_invoice(account, number, lines=250)
    account.objects["invoices"]["in_0001"]["lines"]["data"][150]["amount"] = "a lot"
    sync(settings)
    assert list(held(lake)) == ["in_0001"]
    assert "an entry of its lines: its amount can't be counted with" in held(lake)["in_0001"]
    assert live(lake, "invoices").keys() == {"in_0002"}
    account.objects["invoices"]["in_0001"]["lines"]["data"][150]["amount"] = 1
    sync(settings)
    assert held(lake) == {}
    assert_mirrors(lake, account)


@pytest.mark.parametrize("odd", [rb'{"id": "il_1_120", "x": "\ud800"}', b"null", b'{"id": "\xff"}'])
def test_lines_that_are_no_json(
    account: Account, settings: Settings, lake: Lake, odd: bytes
) -> None:
    add_customer(account, 1)
    add_invoice(account, 1, lines=250)
    add_invoice(account, 2)
    wanted = json.dumps(line("il_1_120")).encode()

    def fault(request: Request) -> Answer | None:
        if not request.path.endswith("/lines"):
            return None
        answer = account._route(request)
        return Answer(raw=json.dumps(answer.body).encode().replace(wanted, odd))

    account.fault = fault
    sync(settings)
    assert list(held(lake)) == ["in_0001"]
    assert live(lake, "invoices").keys() == {"in_0002"}


def test_an_event_that_cannot_be_decoded_still_says_what_changed(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    customer = {**synced.objects["customers"]["cus_0002"], "name": "new"}
    synced.objects["customers"]["cus_0002"] = customer
    event = synced.event("customer.updated", {"odd": 17_000_000_000, **customer})
    odd = json.dumps(event).encode().replace(b"17000000000", rb'"\ud800"')
    synced.fault = spoiled(synced, **{event["id"]: odd})
    sync(settings)
    assert list(held(lake)) == [event["id"]]
    assert live(lake, "customers")["cus_0002"]["name"] == "new"


def test_an_event_with_numbers_that_do_not_fit(
    synced: Account, settings: Settings, lake: Lake
) -> None:
    """Its copy of the object is used nowhere, so that it does no harm."""
    customer = {**synced.objects["customers"]["cus_0002"], "name": "new"}
    synced.objects["customers"]["cus_0002"] = customer
    event = synced.event("customer.updated", {"odd": 17_000_000_000, **customer})
    odd = json.dumps(event).encode().replace(b"17000000000", b"1e999")
    synced.fault = spoiled(synced, **{event["id"]: odd})
    sync(settings)
    assert held(lake) == {}
    assert live(lake, "customers")["cus_0002"]["name"] == "new"


def test_a_delivery_that_cannot_be_decoded(synced: Account, settings: Settings, lake: Lake) -> None:
    """An older receiver may have taken it; the next sync keeps it, and reads what it is about."""
    customer = {**synced.objects["customers"]["cus_0002"], "name": "new"}
    synced.objects["customers"]["cus_0002"] = customer
    event = {**synced.event("customer.updated", customer), "created": 10**15}
    synced.objects["events"].clear()
    writer = SpoolWriter(settings.webhooks)
    writer.write([json.dumps(event).encode()])
    writer.close()
    sync(settings, deliveries_only=True)
    assert list(held(lake)) == [event["id"]]
    assert live(lake, "customers")["cus_0002"]["name"] == "new"
    assert not is_waiting(settings.webhooks)


def test_a_comparison_leaves_it_out(synced: Account, settings: Settings, lake: Lake) -> None:
    synced.fault = spoiled(
        synced, in_0003=body(id="in_0003", total="x"), cus_0004=b"null", ch_1=b"[]"
    )
    report = reconcile(settings, settling=0)
    assert report.drift == 0
    assert len(in_quarantine(lake)) == 3
    assert not any(row.get("deleted") for row in current(lake, "customers").values())
    synced.fault = lambda _: None
    reconcile(settings, settling=0)
    assert held(lake) == {}
    assert_mirrors(lake, synced)


def test_an_interrupted_pass_forgets_nothing(
    account: Account, settings: Settings, lake: Lake
) -> None:
    """What the first process met stays in quarantine when another one finishes."""
    stock(account, 5)
    odd = {"in_0003": b'{"id": ""}'}
    account.fault = spoiled(account, **odd)
    sync(settings, resources=["invoices"])
    account.fault = lambda _: None
    before = held(lake)
    sync(settings)
    assert held(lake) == before != {}


def test_what_is_asked_for_when_nothing_is_odd(synced: Account, settings: Settings) -> None:
    """Not one request more."""
    assert sync(settings).requests <= 10
    paths = {request.path for request in synced.requests}
    assert not any(path.startswith("/v1/invoices/") for path in paths)


def test_the_other_mode_is_no_matter_of_one_object(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    account.add("customers", "cus_live", SPRING)["livemode"] = True
    account.fault = spoiled(account, cus_0001=b"null")
    with pytest.raises(PipelineError, match="a test key with the live object cus_live"):
        sync(settings)
    assert versions(lake, "customers") == []


def test_a_torn_log_is_set_aside(synced: Account, settings: Settings, lake: Lake) -> None:
    synced.fault = spoiled(synced, in_0003=body(id="in_0003", total="x"))
    sync(settings, full=True)
    batch = lake.batches(TABLE)[-1]
    batch.path.write_bytes(batch.path.read_bytes()[:-100])
    sync(settings, full=True)
    assert list(held(lake)) == ["in_0003"]


def test_subscription_items_and_session_lines(
    account: Account, settings: Settings, lake: Lake
) -> None:
    stock(account, 5)
    account.add(
        "subscriptions", "sub_odd", SPRING, status="active", customer="cus_0001",
        items=nested([{"id": "si_1", "current_period_end": 10**17}]),
    )  # fmt: skip
    account.add("checkout_sessions", "cs_odd", SPRING, line_items=[])
    sync(settings)
    assert list(held(lake)) == ["sub_odd", "cs_odd"]


# What identifies her, in bodies that nobody can decode.
_HERS = {
    "by her id": rb'{"id": "", "customer": "cus_0003", "x": "\ud800"}',
    "by her address": rb'{"id": "", "customer": "cus_9", "email": "Ada.Needle@Example.org"}',
    "of no one": rb'{"id": "", "name": "Ada Needle"}',
}
_OTHERS = rb'{"id": "", "customer": "cus_0004", "x": "\ud800"}'


@pytest.mark.parametrize("name", _HERS)
def test_a_forgotten_customer_is_in_no_quarantine(
    account: Account, settings: Settings, lake: Lake, name: str
) -> None:
    stock(account, 5)
    account.objects["customers"]["cus_0003"]["email"] = "ada.needle@example.org"
    account.fault = spoiled(account, in_0002=_HERS[name], in_0004=_OTHERS)
    sync(settings)
    assert {_HERS[name], _OTHERS} <= set(kept_bodies(lake))
    forget(settings, "cus_0003")
    assert {body for body in kept_bodies(lake) if body} == {_OTHERS}
    assert len(in_quarantine(lake)) == 2
    sync(settings, full=True)
    assert {body for body in kept_bodies(lake) if body} == {_OTHERS}
    again = rb'{"id": "", "customer": "cus_0003", "x": "\ud801"}'
    account.fault = spoiled(account, in_0002=again, in_0004=_OTHERS)
    sync(settings, full=True)
    assert {body for body in kept_bodies(lake) if body} == {_OTHERS}


def test_a_customer_who_is_known_from_quarantine_alone(
    account: Account, settings: Settings, lake: Lake
) -> None:
    add_customer(account, 1)
    odd = body(id="cus_0001", object="customer", email=rb'"a\ud800@b.de"')
    account.fault = spoiled(account, cus_0001=odd)
    sync(settings)
    assert list(held(lake)) == ["cus_0001"]
    forget(settings, "cus_0001")
    assert [each for each in kept_bodies(lake) if each] == []
