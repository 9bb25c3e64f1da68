"""Read from an event which objects it is about; the event's own copy of them is not used.

That copy has the account's default API version and nested lists truncated at ten entries, so the
event only says what to re-read. Source: https://docs.stripe.com/api/events/types
"""

from typing import Any

import msgspec

from stripe_pipeline.stripe_client.catalog import BY_OBJECT
from stripe_pipeline.stripe_client.lists.heads import reference
from stripe_pipeline.stripe_client.lists.unusable import Unusable, subject_of

# The fields that reference objects which change along with an object, perhaps without an event.
_ALONG = {
    "charge": ("invoice",),
    "refund": ("charge",),
    "dispute": ("charge",),
    "credit_note": ("invoice",),
    "invoice_payment": ("invoice",),
    "invoiceitem": ("invoice", "subscription"),
    "discount": ("customer", "subscription", "invoice"),
    "subscription_item": ("subscription",),
    "line_item": ("invoice",),
}


class _About(msgspec.Struct):
    """The reference fields of an event's object; nothing else of it is decoded."""

    id: Any = None
    object: Any = None
    charge: Any = None
    invoice: Any = None
    subscription: Any = None
    customer: Any = None


class _Data(msgspec.Struct):
    object: _About


class Notice(msgspec.Struct):
    """The part of an event that matters here."""

    type: str
    data: _Data

    @property
    def is_creation(self) -> bool:
        """Whether the event says that its object is new."""
        return self.type.endswith(".created")


_NOTICE = msgspec.json.Decoder(Notice)


def read_notice(body: bytes) -> Notice:
    """Decode an event."""
    return _NOTICE.decode(body)


def subjects(notice: Notice) -> list[tuple[str, str]]:
    """Return (resource, id) of each object to re-read; an upcoming invoice has no id."""
    about = notice.data.object
    kind = str(about.object)
    found = [(_resource(kind), reference(about.id))]
    along = _ALONG.get(kind, ())
    found += [(_resource(field), reference(getattr(about, field))) for field in along]
    if notice.type.startswith("customer."):
        # Tax ids, cards and the like change the customer they belong to.
        found.append(("customers", reference(about.customer)))
    return list(dict.fromkeys((name, each) for name, each in found if name and each))


def unusable_subjects(event: Unusable) -> list[tuple[str, str]]:
    """Return (resource, id) of the object of an undecodable event; empty if unknown."""
    kind, identifier = subject_of(event.body) or ("", "")
    name = _resource(kind)
    return [(name, identifier)] if name else []


def _resource(kind: str) -> str | None:
    # A plan is a price by its older name, with the same id.
    resource = BY_OBJECT.get("price" if kind == "plan" else kind)
    return resource.name if resource and kind != "event" else None
