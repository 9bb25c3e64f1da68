"""The part of an object that counts: what a difference in it would make wrong.

Money, status, membership and the person: amounts and quantities, currencies, statuses, the ids of
the entries of nested lists and of the objects referred to, and the address a message would go to.
Everything else (a hosted URL, a description, a time, a merchant's own metadata) is cosmetic, and
so is any field that isn't known here. Which fields Stripe changes without an event stands here as
well: a difference in one of them says nothing about the sync.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

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
# Source: the event types of the API reference; none tells of a payment that opens or is canceled.
_UNANNOUNCED = {"invoice_payments": frozenset({"status"})}
# Deleted without an event.
VANISH_UNANNOUNCED = frozenset({"promotion_codes"})

_BODY = msgspec.json.Decoder(dict[str, Any])

Essentials = dict[str, Any]


def essentials(resource: str, body: bytes) -> Essentials:
    """Return what counts of an object, by path; null and empty are the same as absent.

    What Stripe changes without an event is left out.
    """
    decoded = _BODY.decode(body)
    if wanted := _WHOLE.get(resource):
        return {name: decoded.get(name) for name in sorted(wanted)}
    silent = _UNANNOUNCED.get(resource, frozenset())
    found = dict(_walk("", decoded))
    return {path: value for path, value in found.items() if path not in silent and value != []}


def digest(found: Essentials) -> bytes:
    """Return eight bytes that are the same for the same essentials in any order."""
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
