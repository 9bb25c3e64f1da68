"""Complete the lists inside an object: Stripe embeds about ten entries and pages the rest.

Source: https://docs.stripe.com/api/invoices/line_item and the nested lists of each object.
"""

from collections.abc import Mapping
from dataclasses import replace

import msgspec
import stripe

from stripe_pipeline.stripe_api.catalog import NestedList
from stripe_pipeline.stripe_api.http.client import Client
from stripe_pipeline.stripe_api.http.retries import BadAnswerError
from stripe_pipeline.stripe_api.lists.pages import ListBody, Reference, parse_list

# A draft may be edited while its lines are paged; each edit can cost one new beginning.
RESTARTS = 5

_ENTRY = msgspec.json.Decoder(Reference)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


async def complete(client: Client, body: bytes, parent: str, unfinished: list[NestedList]) -> bytes:
    """Return the object's body with every entry of its unfinished lists.

    Raises:
        stripe.InvalidRequestError: the parent is gone, with http_status 404.
    """
    lists = {nested.field: await _read_list(client, nested, parent) for nested in unfinished}
    return splice(body, lists)


def splice(body: bytes, lists: Mapping[str, list[msgspec.Raw]]) -> bytes:
    """Put whole lists in the place of their beginnings; everything else stays byte for byte."""
    fields = _FIELDS.decode(body)
    for field, entries in lists.items():
        inner = _FIELDS.decode(fields[field])
        inner["data"] = msgspec.Raw(msgspec.json.encode(entries))
        inner["has_more"] = msgspec.Raw(b"false")
        fields[field] = msgspec.Raw(msgspec.json.encode(inner))
    return msgspec.json.encode(fields)


async def _read_list(client: Client, nested: NestedList, parent: str) -> list[msgspec.Raw]:
    for _ in range(RESTARTS):
        try:
            return await _read_once(client, nested, parent)
        except stripe.InvalidRequestError as error:
            if error.param != "starting_after":
                raise
        except stripe.PermissionError:
            if not nested.expand:
                raise
            # What the key may not expand, the parent was read without as well.
            nested = replace(nested, expand=())
    raise stripe.APIError(
        f"the list {nested.field} of {parent} changed {RESTARTS} times while it was read"
    )


async def _read_once(client: Client, nested: NestedList, parent: str) -> list[msgspec.Raw]:
    """Page a list from its beginning; an entry that is listed twice is kept once."""
    entries: dict[str, msgspec.Raw] = {}
    after: str | None = None
    while True:
        page = await _page(client, nested, parent, after)
        before = len(entries)
        entries |= {_ENTRY.decode(raw).id: raw for raw in page.data}
        if not page.has_more:
            return list(entries.values())
        if len(entries) == before:
            raise stripe.APIError(f"the list {nested.field} of {parent} repeats the same page")
        after = _ENTRY.decode(page.data[-1]).id


async def _page(client: Client, nested: NestedList, parent: str, after: str | None) -> ListBody:
    parameters = [("limit", "100"), *(("expand[]", f"data.{path}") for path in nested.expand)]
    if nested.parameter:
        parameters.append((nested.parameter, parent))
    if after:
        parameters.append(("starting_after", after))

    def parse(body: bytes) -> ListBody:
        page = parse_list(body)
        if after and any(_ENTRY.decode(raw).id == after for raw in page.data):
            raise BadAnswerError(f"Stripe repeats a page of the list {nested.field} of {parent}")
        return page

    return await client.get(nested.path, parameters, parse=parse, identifier=parent)
