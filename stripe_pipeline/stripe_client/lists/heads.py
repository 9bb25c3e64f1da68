"""The fields that the reader decodes of an object: its identity, and those used in figures."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

import msgspec

from stripe_pipeline.stripe_client.lists.shapes import SHAPES, TIME, optional
from stripe_pipeline.stripe_client.resources import Resource

# Stripe's ids have up to 255 characters; a merchant chooses those of coupons.
_ID = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Reference(msgspec.Struct, gc=False):
    """An expanded object, of which only the id matters."""

    id: str


class Head(msgspec.Struct, gc=False):
    """The fields that every object may have; `decoder` adds those of its resource."""

    id: _ID
    object: str
    created: TIME | None = None
    livemode: bool | None = None
    deleted: bool | None = None
    customer: str | Reference | None = None
    customer_account: str | None = None

    @property
    def has_other_customer(self) -> bool:
        """Whether it names an Account (of Accounts v2) instead of a customer."""
        return self.customer is None and self.customer_account is not None

    @property
    def customer_id(self) -> str | None:
        """The id of the object's customer; of a customer, its own id."""
        if self.object == "customer":
            return self.id
        return self.customer.id if isinstance(self.customer, Reference) else self.customer

    def unfinished(self, resource: Resource) -> list[str]:
        """Return the fields of the nested lists that Stripe embedded incompletely."""
        if not resource.nested:
            return []
        lists = [(nested.field, getattr(self, nested.field)) for nested in resource.nested]
        return [field for field, value in lists if value is not None and value.has_more]


class _About(msgspec.Struct):
    """An event's object, which may be of any kind; no other fields are decoded."""

    id: Any = None
    object: Any = None
    customer: Any = None


class _EventData(msgspec.Struct):
    object: _About


class EventHead(Head, kw_only=True):
    """The fields of an event, with the object it is about."""

    type: str
    data: _EventData

    @property
    def customer_id(self) -> str | None:
        """The id of the customer of the event's object."""
        about = self.data.object
        return reference(about.id if about.object == "customer" else about.customer)


def reference(value: Any) -> str | None:
    """Return an id, given as such or as the expanded object; None for anything else."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None


@cache
def entry_decoder(resource: str, field: str) -> msgspec.json.Decoder[Reference]:
    """Return the decoder of the entries of a nested list; it raises as its object's does."""
    fields = optional(SHAPES[resource][field].fields)
    kind = msgspec.defstruct("Entry", fields, bases=(Reference,), gc=False)
    return msgspec.json.Decoder(kind)


@cache
def decoder(resource: str) -> msgspec.json.Decoder[Head]:
    """Return the decoder of a resource's objects; it raises where a field is of the wrong type."""
    if resource == "events":
        return msgspec.json.Decoder(EventHead)
    fields = optional(SHAPES[resource])
    kind = msgspec.defstruct(f"Head_{resource}", fields, bases=(Head,), gc=False)
    return msgspec.json.Decoder(kind)
