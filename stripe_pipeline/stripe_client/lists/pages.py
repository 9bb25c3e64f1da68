"""Parse a page of Stripe's: the few fields that are needed, and each object's raw body."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import msgspec

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.stripe_client.catalog import API_VERSION
from stripe_pipeline.stripe_client.http.retries import BadAnswerError
from stripe_pipeline.stripe_client.lists.heads import Head, decoder
from stripe_pipeline.stripe_client.lists.unusable import (
    UNDECODABLE,
    Unusable,
    UnusableError,
    listed_bodies,
    not_json,
    usable_and_not,
)
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow


class ListBody(msgspec.Struct, gc=False):
    """A list as Stripe sends it: raw bodies, newest first, and whether more follow."""

    data: list[msgspec.Raw]
    has_more: bool


class Item(msgspec.Struct, frozen=True, gc=False):
    """One object of a page: its decoded fields and its raw body."""

    head: Head
    body: bytes


@dataclass
class Contents:
    """The content of a page: usable objects in Stripe's order, and unusable ones.

    `last` is the cursor of the next page, None where no object has an id. `is_torn` says that
    the page as a whole wasn't valid JSON, which a retry may fix.
    """

    items: list[Item]
    has_more: bool
    unusable: list[Unusable] = field(default_factory=list)
    last: str | None = None
    is_torn: bool = False

    def __contains__(self, identifier: str) -> bool:
        if any(item.head.id == identifier for item in self.items):
            return True
        return any(each.identifier == identifier for each in self.unusable)


_LIST = msgspec.json.Decoder(ListBody)


def parse_list(body: bytes) -> ListBody:
    """Decode a list without decoding its entries.

    Raises:
        BadAnswerError: it isn't JSON, isn't a list, or is empty with has_more.
    """
    try:
        page = _LIST.decode(body)
    except msgspec.ValidationError:
        raise BadAnswerError("Stripe answered with something that isn't a list") from None
    except UNDECODABLE:
        raise BadAnswerError(not_json(body)) from None
    _refuse_empty(page.has_more, page.data)
    return page


def read_page(body: bytes, resource: Resource, livemode: bool) -> Contents:
    """Decode a page of a resource, keeping unusable objects apart.

    Raises:
        BadAnswerError: it isn't JSON, isn't a list, or is empty with has_more.
        PipelineError: an object is of the other mode.
    """
    try:
        return _whole_page(body, resource, livemode)
    except (*UNDECODABLE, UnusableError):
        return _sorted_out(body, resource, livemode)


def read_one(body: bytes, resource: Resource, livemode: bool) -> Item | Unusable:
    """Decode one object of a resource.

    Raises:
        PipelineError: it is of the other mode.
    """
    [(_, found)] = usable_and_not([body], resource)
    if isinstance(found, Unusable):
        return found
    _refuse_other_mode(found, livemode)
    return Item(found, body)


def _whole_page(body: bytes, resource: Resource, livemode: bool) -> Contents:
    """Decode a page of which every object is usable."""
    page = _LIST.decode(body)
    _refuse_empty(page.has_more, page.data)
    if not body.isascii():
        body.decode()  # msgspec doesn't validate the UTF-8 of fields that it skips
    decode, kind = decoder(resource.name).decode, resource.object
    items = []
    for raw in page.data:
        head = decode(raw)
        if head.object != kind or not head.id.isprintable():
            raise UnusableError
        if head.livemode is not None and head.livemode != livemode:
            _refuse_other_mode(head, livemode)
        items.append(Item(head, bytes(raw)))
    return Contents(items, page.has_more, last=items[-1].head.id if items else None)


def _sorted_out(body: bytes, resource: Resource, livemode: bool) -> Contents:
    """Decode a page object by object."""
    try:
        page = _LIST.decode(body)
        bodies, has_more, is_torn = [bytes(raw) for raw in page.data], page.has_more, False
    except msgspec.ValidationError:
        raise BadAnswerError("Stripe answered with something that isn't a list") from None
    except UNDECODABLE:
        (bodies, has_more), is_torn = listed_bodies(body), True
        _refuse_empty(has_more, bodies)
    found = Contents([], has_more, is_torn=is_torn)
    for raw, each in usable_and_not(bodies, resource):
        if isinstance(each, Unusable):
            found.unusable.append(each)
            found.last = each.identifier or found.last
        else:
            _refuse_other_mode(each, livemode)
            found.items.append(Item(each, raw))
            found.last = each.id
    return found


def _refuse_empty(has_more: bool, data: Sequence[object]) -> None:
    if has_more and not data:
        raise BadAnswerError("Stripe answered with an empty page and says that more follows")


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
    """Build the row of a deleted object; its body is like Stripe's own deleted stub."""
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


def _refuse_other_mode(head: Head, livemode: bool) -> None:
    if head.livemode is not None and head.livemode != livemode:
        modes = {True: "live", False: "test"}
        raise PipelineError(
            f"Stripe answered a {modes[livemode]} key with the {modes[head.livemode]} object "
            f"{head.id}; nothing of this page was kept. Check STRIPE_API_KEY and STRIPE_API_BASE."
        )
