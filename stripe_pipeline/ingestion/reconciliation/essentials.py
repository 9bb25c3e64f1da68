"""The part of an object that counts: what a difference in it would make wrong.

Money, status, membership and the person: amounts and quantities, currencies, statuses, the ids of
the entries of nested lists and of the objects referred to, and the address a message would go to.
Everything else (a hosted URL, a description, a time, a merchant's own metadata) is cosmetic, and
so is any field that isn't known here. What Stripe changes without an event stands here as well: a
difference in that says nothing about the sync.
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
# Given as an id or, where the key may read it, as the object: the id alone is compared.
_REFERENCES = frozenset(
    {
        "charge", "coupon", "customer", "discount", "discounts", "invoice", "payment_intent",
        "price", "product", "promotion_code", "refund", "subscription", "tax_rate",
    }
)  # fmt: skip
# Keys of a merchant's own choice.
_PASSED_OVER = frozenset({"metadata"})
# An event never changes; its copy of the object is compared nowhere.
_WHOLE = {"events": frozenset({"id", "type"})}


class _Unannounced(NamedTuple):
    """What changes without an event, by the beginnings of its paths, in which statuses.

    `into` are the statuses that the object may have afterwards, where that changes as well.
    """

    statuses: frozenset[str]
    fields: tuple[str, ...]
    into: frozenset[str] = frozenset()


# Source: the event types of the API reference. None tells of an invoice item or line that changes,
# nor of an invoice payment that is canceled; a subscription's items are told of in part.
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
    """What counts of an object, and what of that no change leaves unannounced: eight bytes each."""

    whole: bytes
    announced: bytes
    status: str

    def may_become(self, resource: str, later: "Digests") -> bool:
        """Tell whether Stripe may have changed the object into a later one without an event."""
        silent = _UNANNOUNCED.get(resource)
        if silent is None or self.status not in silent.statuses:
            return False
        is_possible = later.status in {self.status, *silent.into}
        return is_possible and self.announced == later.announced


def digests(resource: str, body: bytes) -> Digests:
    """Digest what counts of an object; the order of entries doesn't matter."""
    found = essentials(resource, body)
    silent = _UNANNOUNCED[resource].fields if resource in _UNANNOUNCED else ()
    announced = {path: value for path, value in found.items() if not path.startswith(silent)}
    status = str(found.get("status", ""))
    return Digests(_digest(found), _digest(announced) if silent else b"", status)


def essentials(resource: str, body: bytes) -> Essentials:
    """Return what counts of an object, by path; null and empty are the same as absent."""
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
    """Entries are told apart by their ids, so that their order doesn't matter."""
    identifier = entry.get("id") if isinstance(entry, Mapping) else None
    return identifier if isinstance(identifier, str) else str(place)
