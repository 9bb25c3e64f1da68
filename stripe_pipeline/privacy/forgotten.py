"""Recognise objects of erased customers, and remove personal data from them as they are read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stripe_pipeline.lake.erasures import Erasures
from stripe_pipeline.privacy.kept_fields import SHAPES, cleaned
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.lists.heads import reference
from stripe_pipeline.stripe_client.lists.pages import tombstone
from stripe_pipeline.values.objects import ObjectRow

CUSTOMERS = "customers"
# Tables whose objects may be theirs without a customer id: a guest's payment, what references a
# payment, and anything that names the customer's Account (of Accounts v2).
LOOSE = frozenset(SHAPES.keys() - {CUSTOMERS, "invoice_payments"})
# Tables whose objects others reference: only their ids are recorded.
PAYMENTS = frozenset({"charges", "checkout_sessions"})


class _Links(msgspec.Struct, gc=False):
    """The ids that link an object to a customer; no other field is decoded."""

    id: Any = None
    charge: Any = None
    payment_intent: Any = None
    customer_account: Any = None

    def ids(self) -> set[str]:
        found = (reference(each) for each in (self.id, self.charge, self.payment_intent))
        return {each for each in found if each}

    @property
    def account(self) -> str | None:
        return reference(self.customer_account)


class _EventData(msgspec.Struct, gc=False):
    object: _Links


class _Event(msgspec.Struct, gc=False):
    data: _EventData


_LINKS = msgspec.json.Decoder(_Links)
_EVENT = msgspec.json.Decoder(_Event)


def links(resource: str, body: bytes) -> set[str]:
    """Return the object's id and those of its payment; for an event, those of its object."""
    return _links(resource, body).ids()


def account(resource: str, body: bytes) -> str | None:
    """Return the id of the Account that the object names, or the event's object."""
    return _links(resource, body).account


def _links(resource: str, body: bytes) -> _Links:
    return _EVENT.decode(body).data.object if resource == "events" else _LINKS.decode(body)


class Forgotten:
    """The erased customers, for cleaning what a sync reads of them.

    `found` are the ids of payments of theirs that weren't recorded yet, by customer.
    """

    def __init__(self, erasures: Erasures) -> None:
        self.reasons: Mapping[str, str] = erasures.reasons
        self.objects: Mapping[str, str] = erasures.objects
        self.found: dict[str, set[str]] = defaultdict(set)

    def is_theirs(self, resource: str, customer_id: str | None, body: bytes) -> bool:
        """Tell whether an object is one of theirs."""
        return self._owner(resource, customer_id, body) is not None

    def _owner(self, resource: str, customer_id: str | None, body: bytes) -> str | None:
        if customer_id is not None:
            return customer_id if customer_id in self.reasons else None
        if resource not in LOOSE or not self.objects:
            return None
        found = _links(resource, body)
        named = (each for each in (*found.ids(), found.account) if each in self.objects)
        return next((self.objects[each] for each in named if each), None)

    def cleaned(self, resource: str, rows: Sequence[ObjectRow]) -> Sequence[ObjectRow]:
        """Return the rows without personal data of these customers."""
        if not self.reasons or resource not in SHAPES:
            return rows
        owned = ((row, self._owner(resource, row.customer_id, row.body)) for row in rows)
        return [self._cleaned(resource, row, owner) if owner else row for row, owner in owned]

    def _cleaned(self, resource: str, row: ObjectRow, owner: str) -> ObjectRow:
        if resource == CUSTOMERS:
            # A customer who still exists in Stripe is erased here all the same.
            stub = tombstone(BY_NAME[CUSTOMERS], row.id, bool(row.livemode), row.observed_at)
            return row if row.is_deleted else stub
        if resource in PAYMENTS:
            self.found[owner] |= links(resource, row.body) - self.objects.keys()
        return msgspec.structs.replace(row, body=cleaned(resource, row.body))
