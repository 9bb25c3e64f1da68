"""Take a page of Stripe's apart: the few fields that are needed, and each body as it came."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.lake import ObjectRow
from stripe_pipeline.stripe_api.catalog import API_VERSION, BY_NAME, Resource
from stripe_pipeline.stripe_api.http.retries import BadAnswerError


class ListBody(msgspec.Struct, gc=False):
    """What every list of Stripe's has: whole bodies, newest first, and whether more follow."""

    data: list[msgspec.Raw]
    has_more: bool


class Reference(msgspec.Struct, gc=False):
    """An expanded object, of which only the id matters."""

    id: str


class NestedHead(msgspec.Struct, gc=False):
    """The start of a list inside an object."""

    has_more: bool = False


class Head(msgspec.Struct, gc=False):
    """The fields of an object that the reader itself looks at."""

    id: str
    object: str
    created: int | None = None
    livemode: bool | None = None
    deleted: bool | None = None
    customer: str | Reference | None = None
    customer_account: str | None = None

    @property
    def has_other_customer(self) -> bool:
        """Whether it names an Account (of Accounts v2) in the place of a customer."""
        return self.customer is None and self.customer_account is not None

    @property
    def customer_id(self) -> str | None:
        """The customer whom the object is about; a customer is about itself."""
        if self.object == "customer":
            return self.id
        return self.customer.id if isinstance(self.customer, Reference) else self.customer

    def unfinished(self, resource: Resource) -> list[str]:
        """Name the nested lists of which Stripe embedded only the beginning."""
        if not resource.nested:
            return []
        lists = [(nested.field, getattr(self, nested.field)) for nested in resource.nested]
        return [field for field, value in lists if value is not None and value.has_more]


class _About(msgspec.Struct):
    """The object of an event, which may be of any kind; what isn't named here isn't decoded."""

    id: Any = None
    object: Any = None
    customer: Any = None


class _EventData(msgspec.Struct):
    object: _About


class EventHead(Head, kw_only=True):
    """The same of an event, with what it is about."""

    type: str
    data: _EventData

    @property
    def customer_id(self) -> str | None:
        """The customer whom the event's object is about."""
        about = self.data.object
        return reference(about.id if about.object == "customer" else about.customer)


class Item(msgspec.Struct, frozen=True, gc=False):
    """One object of a page: its fields and its whole body."""

    head: Head
    body: bytes


_LIST = msgspec.json.Decoder(ListBody)


def reference(value: Any) -> str | None:
    """Return an id, given as such or as the expanded object; None for anything else."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None


def parse_list(body: bytes) -> ListBody:
    """Decode a list.

    Raises:
        BadAnswerError: it is no JSON, no list, or an empty page that promises more.
    """
    try:
        page = _LIST.decode(body)
    except msgspec.ValidationError:
        raise BadAnswerError("Stripe answered with something that isn't a list") from None
    except msgspec.DecodeError:
        raise BadAnswerError("Stripe answered with something that isn't JSON") from None
    if page.has_more and not page.data:
        raise BadAnswerError("Stripe answered with an empty page and says that more follows")
    return page


def parse_items(
    bodies: Sequence[msgspec.Raw | bytes], resource: Resource, livemode: bool
) -> list[Item]:
    """Decode objects of a resource.

    Raises:
        BadAnswerError: one is no JSON, or has no id and type.
        PipelineError: one is of another type or of the other mode.
    """
    decode = _decoder(resource.name).decode
    try:
        heads = [decode(body) for body in bodies]
    except msgspec.ValidationError as error:
        raise BadAnswerError(f"Stripe answered with an object that isn't whole: {error}") from None
    except msgspec.DecodeError:
        raise BadAnswerError("Stripe answered with something that isn't JSON") from None
    for head in heads:
        _refuse_stranger(head, resource, livemode)
    return [Item(head, bytes(body)) for head, body in zip(heads, bodies, strict=True)]


def parse_item(body: bytes, resource: Resource, livemode: bool) -> Item:
    """Decode one object of a resource; raises as `parse_items` does."""
    return parse_items([body], resource, livemode)[0]


def row(item: Item, seen_at: datetime) -> ObjectRow:
    """Build the lake's row of an object."""
    head = item.head
    return ObjectRow(
        id=head.id,
        object=head.object,
        created=head.created,
        livemode=head.livemode,
        is_deleted=bool(head.deleted),
        customer_id=head.customer_id,
        api_version=API_VERSION,
        observed_at=seen_at,
        body=item.body,
    )


def tombstone(resource: Resource, identifier: str, livemode: bool, seen_at: datetime) -> ObjectRow:
    """Build the row that says an object is gone, in the words of Stripe's own stub."""
    stub = {"id": identifier, "object": resource.object, "deleted": True}
    customer_id = identifier if resource.object == "customer" else None
    return ObjectRow(
        id=identifier,
        object=resource.object,
        created=None,
        livemode=livemode,
        is_deleted=True,
        customer_id=customer_id,
        api_version=API_VERSION,
        observed_at=seen_at,
        body=msgspec.json.encode(stub),
    )


def newest_first(created: Sequence[int]) -> bool:
    """Tell whether a page is in the order that Stripe documents."""
    return all(left >= right for left, right in pairwise(created))


def _refuse_stranger(head: Head, resource: Resource, livemode: bool) -> None:
    if head.object != resource.object:
        raise PipelineError(
            f"Stripe listed {head.id}, which is a {head.object}, among {resource.label}; nothing "
            "of this page was kept. Run the sync again, and tell Stripe's support if it persists."
        )
    if head.livemode is not None and head.livemode != livemode:
        modes = {True: "live", False: "test"}
        raise PipelineError(
            f"Stripe answered a {modes[livemode]} key with the {modes[head.livemode]} object "
            f"{head.id}; nothing of this page was kept. Check STRIPE_API_KEY and STRIPE_API_BASE."
        )


@cache
def _decoder(name: str) -> msgspec.json.Decoder[Head]:
    if name == "events":
        return msgspec.json.Decoder(EventHead)
    fields = [(nested.field, NestedHead | None, None) for nested in BY_NAME[name].nested]
    kind = msgspec.defstruct(f"Head_{name}", fields, bases=(Head,), gc=False)
    return msgspec.json.Decoder(kind)
