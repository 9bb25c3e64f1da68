"""The essential fields of an object, in which a difference would make figures or messages wrong.

Amounts and quantities, currencies, statuses, the ids of nested entries and of referenced objects,
and the address that a message would go to. Everything else (a hosted URL, a description, a time, a
merchant's own metadata) is cosmetic, and so is any field that isn't listed here. Fields that
Stripe changes without an event are listed too: a difference in them isn't drift.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

_COUNTED = frozenset(
    {
        "balance", "captured", "currency", "deleted", "disputed", "email", "id", "object",
        "paid", "percent_off", "phone", "refunded", "status", "tax",
    }
)  # fmt: skip
_COUNTED_BEGINNINGS = ("amount", "quantity", "subtotal", "total", "unit_amount")
_COUNTED_ENDINGS = ("_amount", "_balance", "_quantity")
# References, as an id or, where the key may read it, the expanded object: the ids are compared.
_REFERENCES = frozenset(
    {
        "charge", "coupon", "customer", "discount", "discounts", "invoice", "payment_intent",
        "price", "product", "promotion_code", "refund", "subscription", "tax_rate",
    }
)  # fmt: skip
# Maps with a merchant's own keys.
_PASSED_OVER = frozenset({"metadata"})
# An event never changes; its copy of the object isn't compared.
_WHOLE = {"events": frozenset({"id", "type"})}


class _Unannounced(NamedTuple):
    """The fields that change without an event, by prefixes of their paths, and in which statuses.

    `into` are the statuses that the object may have afterwards, where that changes as well.
    """

    statuses: frozenset[str]
    fields: tuple[str, ...]
    into: frozenset[str] = frozenset()


# Source: the event types of the API reference. No event reports a changed invoice item or line, or
# a canceled invoice payment; changes of a subscription's items are reported in part.
_UNANNOUNCED = {
    "invoices": _Unannounced(
        frozenset({"draft", "open"}),
        (
            "amount", "discounts", "ending_balance", "lines", "starting_balance", "subtotal", "tax",
            "total",
        ),
    ),
    "invoice_payments": _Unannounced(
        frozenset({"open"}), ("status",), into=frozenset({"canceled"})
    ),
    "subscriptions": _Unannounced(
        frozenset({"incomplete", "trialing", "active", "past_due", "unpaid", "paused"}), ("items",)
    ),
}  # fmt: skip
# Deleted without an event.
VANISH_UNANNOUNCED = frozenset({"promotion_codes"})

_BODY = msgspec.json.Decoder(dict[str, Any])

Essentials = dict[str, Any]


class Digests(NamedTuple):
    """Digests of an object's essentials, and of those that always have an event: 8 bytes each."""

    whole: bytes
    announced: bytes
    status: str

    def may_become(self, resource: str, later: "Digests") -> bool:
        """Tell whether the object may have changed into a later version without an event."""
        silent = _UNANNOUNCED.get(resource)
        if silent is None or self.status not in silent.statuses:
            return False
        is_possible = later.status in {self.status, *silent.into}
        return is_possible and self.announced == later.announced


def digests(resource: str, body: bytes) -> Digests:
    """Digest the essentials of an object, regardless of the order of entries."""
    found = essentials(resource, body)
    silent = _UNANNOUNCED[resource].fields if resource in _UNANNOUNCED else ()
    announced = {path: value for path, value in found.items() if not path.startswith(silent)}
    status = str(found.get("status", ""))
    return Digests(_digest(found), _digest(announced) if silent else b"", status)


def essentials(resource: str, body: bytes) -> Essentials:
    """Return the essentials of an object by path; null and empty are the same as absent."""
    decoded = _BODY.decode(body)
    if wanted := _WHOLE.get(resource):
        return {name: decoded.get(name) for name in sorted(wanted)}
    return {path: value for path, value in _walk("", decoded) if value != []}


def _digest(found: Essentials) -> bytes:
    return blake2b(msgspec.json.encode(sorted(found.items())), digest_size=8).digest()


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _field(f"{path}.{name}" if path else name, name, inner)
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _walk(f"{path}[{_name(entry, place)}]", entry)


def _field(path: str, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if name in _PASSED_OVER:
        return
    if name in _REFERENCES:
        value = _ids(value)
        if value is not None:
            yield path, value
    elif isinstance(value, Mapping | list):
        yield from _walk(path, value)
    elif _is_counted(name) and value is not None:
        yield path, value


def _is_counted(name: str) -> bool:
    return (
        name in _COUNTED
        or name.startswith(_COUNTED_BEGINNINGS)
        or name.endswith(_COUNTED_ENDINGS)
    )  # fmt: skip


def _ids(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(str(_ids(entry)) for entry in value)
    return value.get("id") if isinstance(value, Mapping) else value


def _name(entry: Any, place: int) -> str:
    """Return the key of an entry: its id, so that the order doesn't matter, else its position."""
    identifier = entry.get("id") if isinstance(entry, Mapping) else None
    return identifier if isinstance(identifier, str) else str(place)
