"""Objects of every kind that can't be used, as bytes that Stripe, or a proxy, might send."""

import json
from typing import Any

DEPTH = 5_000


def body(**fields: Any) -> bytes:
    """An invoice that is as it should be, but for these fields; a field of bytes stays as it is."""
    usual: dict[str, Any] = {
        "id": "in_odd",
        "object": "invoice",
        "created": 1_710_000_000,
        "livemode": False,
        "customer": "cus_0001",
        "status": "paid",
        "currency": "usd",
        "total": 100,
        "lines": {"object": "list", "data": [], "has_more": False},
    }
    given = usual | fields
    members = [
        json.dumps(name).encode() + b":" + (value if isinstance(value, bytes) else _json(value))
        for name, value in given.items()
    ]
    return b"{" + b",".join(members) + b"}"


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


# What is wrong, the body, and words of the reason. All have an id that can be asked for.
WITH_ID: dict[str, tuple[bytes, str]] = {
    "half a surrogate": (body(number=rb'"\ud83d"'), "half a surrogate pair"),
    "the other half": (body(number=rb'"x\udc00y"'), "half a surrogate pair"),
    "halves the wrong way": (body(number=rb'"\udc00\ud83d"'), "half a surrogate pair"),
    "half a surrogate in a key": (body(metadata=rb'{"\uD800": "x"}'), "half a surrogate pair"),
    "no UTF-8": (body(number=b'"\xff\xfe"'), "isn't UTF-8"),
    "a surrogate in UTF-8": (body(number=b'"\xed\xa0\x80"'), "isn't UTF-8"),
    "overlong UTF-8": (body(description=b'"\xc0\xaf"'), "isn't UTF-8"),
    "UTF-8 cut off": (body(description=b'"\xe2\x82"'), "isn't UTF-8"),
    "a total beyond 64 bit": (body(total=2**70), "total"),
    "a total of thousands of digits": (body(total=b"9" * 5_000), "total"),
    "a total no one has": (body(total=2**62), "total"),
    "a huge exponent": (body(total=b"1e400"), "total"),
    "a negative total beyond 64 bit": (body(total=-(2**65)), "total"),
    "half a cent": (body(total=b"10.5"), "total"),
    "NaN": (body(total=b"NaN"), "isn't valid JSON"),
    "Infinity": (body(total=b"-Infinity"), "isn't valid JSON"),
    "a number with leading zeros": (body(total=b"007"), "isn't valid JSON"),
    "a raw control character": (body(number=b'"a\x01b"'), "isn't valid JSON"),
    "an escape that is none": (body(number=rb'"a\qb"'), "isn't valid JSON"),
    "nested thousands deep": (body(metadata=b"[" * DEPTH + b"]" * DEPTH), "nested too deeply"),
    "objects thousands deep": (
        body(metadata=b'{"a":' * DEPTH + b"1" + b"}" * DEPTH),
        "nested too deeply",
    ),
    "beyond the calendar": (body(created=10**18), "created"),
    "before the calendar": (body(created=-1), "created"),
    "paid beyond the calendar": (body(status_transitions={"paid_at": 10**15}), "paid_at"),
    "an amount as text": (body(total="100"), "total"),
    "an amount as a list": (body(amount_paid=[1]), "amount_paid"),
    "a list for an object": (body(status_transitions=[1]), "status_transitions"),
    "a text for a list": (body(lines="none"), "lines"),
    "a list without its envelope": (body(lines=[{"id": "il_1"}]), "lines"),
    "an object for entries": (body(lines={"data": {"id": "il_1"}}), "lines"),
    "a null among entries": (body(lines={"data": [None]}), "lines"),
    "a text among entries": (body(lines={"data": ["il_1"]}), "lines"),
    "a line's amount as text": (body(lines={"data": [{"id": "il", "amount": "1"}]}), "amount"),
    "half a thing bought": (body(lines={"data": [{"id": "il", "quantity": 1.5}]}), "quantity"),
    "a flag that is a word": (body(paid="yes"), "paid"),
    "a currency that is an object": (body(currency={"code": "usd"}), "currency"),
    "has_more as text": (body(lines={"data": [], "has_more": "no"}), "has_more"),
    "a comma too many": (body()[:-1] + b",}", "isn't valid JSON"),
    "another type": (body(object="unicorn"), "it is a 'unicorn' among Invoices"),
    "no type": (body().replace(b'"object":"invoice",', b""), "isn't an object of Stripe's"),
    "a customer that is a number": (body(customer=7), "customer"),
}  # fmt: skip
WITH_ID = {name: (odd.replace(b'": ', b'":'), words) for name, (odd, words) in WITH_ID.items()}
WITH_ID["no type"] = (body().replace(b'"object":"invoice",', b""), "isn't an object of Stripe's")
WITHOUT_ID: dict[str, tuple[bytes, str]] = {
    "an empty id": (body(id=""), "no usable id"),
    "no id": (body().replace(b'"id":"in_odd",', b""), "no usable id"),
    "an id that is a number": (body(id=17), "no usable id"),
    "an id that is null": (body(id=None), "no usable id"),
    "an id that is an object": (body(id={"id": "in_odd"}), "no usable id"),
    "control characters in the id": (body(id="in_\x00\x1b[31m"), "control characters"),
    "a line break in the id": (body(id="in_1\nin_2"), "control characters"),
    "half a surrogate in the id": (body(id=rb'"in_\ud800"'), "half a surrogate pair"),
    "an id of thousands of letters": (body(id="in_" + "x" * 9_000), "no usable id"),
    "null": (b"null", "isn't an object"),
    "a number": (b"17", "isn't an object"),
    "a text": (b'"in_odd"', "isn't an object"),
    "a list": (b"[]", "isn't an object"),
    "an empty object": (b"{}", "no usable id"),
    "nothing": (b"", "isn't valid JSON"),
    "a word": (b"undefined", "isn't valid JSON"),
}
ODD = WITH_ID | WITHOUT_ID
