"""Read from an event which objects it is about; the event's own copy of them is not used.

An event shows its object at the version of the account's default and with its lists cut at ten,
so it only says what to read again. Source: https://docs.stripe.com/api/events/types
"""

from typing import Any

import msgspec

from stripe_pipeline.stripe_api.catalog import BY_OBJECT
from stripe_pipeline.stripe_api.lists.pages import reference

# What changes along with an object and may have no event of its own, by the field that names it.
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


class _Data(msgspec.Struct):
    object: dict[str, Any]


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
    """Return (resource, id) of each object to read again; an upcoming invoice has no id."""
    about = notice.data.object
    kind = str(about.get("object"))
    found = [(_resource(kind), reference(about.get("id")))]
    found += [(_resource(field), reference(about.get(field))) for field in _ALONG.get(kind, ())]
    if notice.type.startswith("customer."):
        # Tax ids, cards and the like are part of what a customer looks like.
        found.append(("customers", reference(about.get("customer"))))
    return list(dict.fromkeys((name, each) for name, each in found if name and each))


def _resource(kind: str) -> str | None:
    # A plan is a price by its older name, with the same id.
    resource = BY_OBJECT.get("price" if kind == "plan" else kind)
    return resource.name if resource and kind != "event" else None
