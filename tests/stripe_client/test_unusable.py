"""Which objects can't be used, and why: on a page and alone."""

import json

import pytest

from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.http.retries import BadAnswerError
from stripe_pipeline.stripe_client.lists.pages import Item, read_one, read_page
from stripe_pipeline.stripe_client.lists.scanning import NotBalancedError, entries, members
from stripe_pipeline.stripe_client.lists.unusable import Unusable, subject_of
from tests.fake_stripe.odd_objects import ODD, WITH_ID, body

INVOICES = BY_NAME["invoices"]
GOOD = [body(id=f"in_{number}", number="Müller \\ \"{[' 🦊") for number in range(3)]


def page(*bodies: bytes, has_more: bool = False) -> bytes:
    return b'{"object": "list", "data": [%s], "has_more": %s, "url": "/v1/invoices"}' % (
        b", ".join(bodies),
        json.dumps(has_more).encode(),
    )


@pytest.mark.parametrize("name", ODD)
def test_one_of_a_page(name: str) -> None:
    odd, words = ODD[name]
    found = read_page(page(GOOD[0], odd, GOOD[1], has_more=True), INVOICES, False)
    assert [item.body for item in found.items] == GOOD[:2]
    [unusable] = found.unusable
    assert words in unusable.reason
    assert (unusable.body, unusable.after) == (odd, "in_0")
    assert unusable.identifier == ("in_odd" if name in WITH_ID else None)
    assert (found.has_more, found.last) == (True, "in_1")


@pytest.mark.parametrize("name", ODD)
def test_the_last_of_a_page(name: str) -> None:
    """The list goes on after it, or after the one before it where it can't be named."""
    found = read_page(page(*GOOD, ODD[name][0]), INVOICES, False)
    assert found.last == ("in_odd" if name in WITH_ID else "in_2")


@pytest.mark.parametrize("name", ODD)
def test_alone(name: str) -> None:
    found = read_one(ODD[name][0], INVOICES, False)
    assert isinstance(found, Unusable)
    assert ODD[name][1] in found.reason


@pytest.mark.parametrize("name", ODD)
def test_a_reason_says_nothing_of_the_data(name: str) -> None:
    private = ODD[name][0].replace(b"cus_0001", b"a-private-word")
    found = read_one(private, INVOICES, False)
    assert isinstance(found, Unusable)
    assert "private" not in found.reason
    assert "\n" not in found.reason


USABLE = {
    "pairs of surrogates": body(number=rb'"\ud83e\udd8a \\ud800 \u00e9"'),
    "a big number that isn't counted": body(tax_percent=b"1e400", score=2**80),
    "an amount of twelve digits": body(total=-999_999_999_999),
    "a key twice": body(number="first")[:-1] + b',"number":"second"}',
    "many texts": body(description="x" * 3_000_000),
    "nested a hundred deep": body(metadata=b"[" * 100 + b"]" * 100),
    "nulls everywhere": body(total=None, lines=None, status=None, customer=None),
    "an id with a blank, letters and an emoji": body(id="25 % für Ä🦊"),
    "brackets in a text": body(number='}]"{['),
    "DEL and NUL": body(number=b'"\x7f\\u0000"'),
    "an expanded customer": body(customer={"id": "cus_1", "email": {"odd": True}}),
}


@pytest.mark.parametrize("name", USABLE)
def test_what_is_strange_and_usable(name: str) -> None:
    raw = USABLE[name]
    assert isinstance(read_one(raw, INVOICES, False), Item)
    for beside in ((), (ODD["NaN"][0],)):  # on the fast path, and taken apart
        found = read_page(page(raw, *beside), INVOICES, False)
        assert [item.body for item in found.items] == [raw]


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"<html>", b"nothing", b'{"object": "list", "data": [{"id": "cus', page(*GOOD)[:-1]),
        *(page(GOOD[0])[:-9], page(GOOD[0]) + b"x", b"[]", b'{"object": "balance"}', b"{]"),
        *(b'{"data": {}, "has_more": false}', page(has_more=True), b"null", b'{"data": NaN}'),
    ],
)
def test_what_is_no_list_at_all(answer: bytes) -> None:
    with pytest.raises(BadAnswerError):
        read_page(answer, INVOICES, False)


def test_taking_apart() -> None:
    assert members(b' {"a" : [1, {"b": "}"}] , "c":"\\"," } ') == {
        b'"a"': b'[1, {"b": "}"}]',
        b'"c"': b'"\\","',
    }
    assert members(b"{}") == {}
    assert entries(b'[ [1,2] , "a,b" ,null]') == [b"[1,2]", b'"a,b"', b"null"]
    assert entries(b"[ ]") == []
    for text in (b"", b"1", b'"{}"', b"{", b"{}}", b"{}{}", b"[}", b'{"a": "}'):
        with pytest.raises(NotBalancedError):
            members(text)


def test_what_an_event_is_about_that_cannot_be_decoded() -> None:
    event = b'{"id":"evt_1","data":{"object":{"id":"cus_1","name":"\\ud800","object":"customer"}}}'
    assert subject_of(event) == ("customer", "cus_1")
    assert subject_of(b'{"data": {"object": {"id": 1}}}') is None
    assert subject_of(b"{}") is None
