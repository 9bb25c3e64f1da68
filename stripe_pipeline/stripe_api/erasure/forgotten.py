"""Recognise what belongs to customers whose personal data is gone, and clean it as it is read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stripe_pipeline.lake import ObjectRow
from stripe_pipeline.lake.erasures import Erasures
from stripe_pipeline.stripe_api.catalog import BY_NAME
from stripe_pipeline.stripe_api.erasure.kept_fields import SHAPES, cleaned
from stripe_pipeline.stripe_api.lists.pages import reference, tombstone

CUSTOMERS = "customers"
# What may be theirs without naming them: a guest's payment, and what hangs on a payment.
LOOSE = frozenset({"charges", "checkout_sessions", "refunds", "disputes", "events"})
# What such things hang on: these, and nothing else, are noted by their ids.
_PAYMENTS = frozenset({"charges", "checkout_sessions"})


class _Links(msgspec.Struct, gc=False):
    """The ids by which an object may be somebody's; whatever else they hold isn't looked at."""

    id: Any = None
    charge: Any = None
    payment_intent: Any = None

    def ids(self) -> set[str]:
        found = (reference(each) for each in (self.id, self.charge, self.payment_intent))
        return {each for each in found if each}


class _EventData(msgspec.Struct, gc=False):
    object: _Links


class _Event(msgspec.Struct, gc=False):
    data: _EventData


_LINKS = msgspec.json.Decoder(_Links)
_EVENT = msgspec.json.Decoder(_Event)


def links(resource: str, body: bytes) -> set[str]:
    """Return the object's id and those of its payment; of an event, its subject's."""
    found = _EVENT.decode(body).data.object if resource == "events" else _LINKS.decode(body)
    return found.ids()


class Forgotten:
    """The customers who are erased, as a sync meets them.

    `found` are ids of payments of theirs that weren't known yet, by customer.
    """

    def __init__(self, erasures: Erasures) -> None:
        self.reasons: Mapping[str, str] = erasures.reasons
        self.objects = erasures.objects
        self.found: dict[str, set[str]] = defaultdict(set)

    def is_theirs(self, resource: str, customer_id: str | None, body: bytes) -> bool:
        """Tell whether an object is one of theirs."""
        if customer_id is not None:
            return customer_id in self.reasons
        return resource in LOOSE and not self.objects.isdisjoint(links(resource, body))

    def cleaned(self, resource: str, rows: Sequence[ObjectRow]) -> Sequence[ObjectRow]:
        """Return the rows without what identifies any of them."""
        if not self.reasons or resource not in SHAPES:
            return rows
        return [
            self._cleaned(resource, row)
            if self.is_theirs(resource, row.customer_id, row.body)
            else row
            for row in rows
        ]

    def _cleaned(self, resource: str, row: ObjectRow) -> ObjectRow:
        if resource == CUSTOMERS:
            # Who lives on in Stripe is gone here all the same.
            stub = tombstone(BY_NAME[CUSTOMERS], row.id, bool(row.livemode), row.observed_at)
            return row if row.is_deleted else stub
        if resource in _PAYMENTS and row.customer_id:
            self.found[row.customer_id] |= links(resource, row.body) - self.objects
        return msgspec.structs.replace(row, body=cleaned(resource, row.body))
