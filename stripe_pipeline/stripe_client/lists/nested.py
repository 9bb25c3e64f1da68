"""Complete the lists inside an object: Stripe embeds about ten entries and pages the rest.

Source: https://docs.stripe.com/api/invoices/line_item and the nested lists of each object.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import stripe

from stripe_pipeline.stripe_client.http.client import Client
from stripe_pipeline.stripe_client.http.retries import BadAnswerError
from stripe_pipeline.stripe_client.lists.heads import entry_decoder
from stripe_pipeline.stripe_client.lists.pages import parse_list
from stripe_pipeline.stripe_client.lists.unusable import (
    UNDECODABLE,
    UnusableError,
    listed_bodies,
    reason_of,
)
from stripe_pipeline.stripe_client.resources import NestedList, Resource

# A draft may be edited while its lines are paged; each edit can cost one restart.
RESTARTS = 5

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


async def complete(
    client: Client, body: bytes, resource: Resource, parent: str, unfinished: list[NestedList]
) -> bytes:
    """Return the object's body with every entry of its unfinished lists.

    Raises:
        stripe.InvalidRequestError: the parent is gone, with http_status 404.
        UnusableError: an entry can't be used, so neither can the parent; says which and why.
    """
    lists = {}
    for nested in unfinished:
        pages = _NestedList(client, resource.name, nested, parent)
        lists[nested.field] = await pages.read()
    return splice(body, lists)


def splice(body: bytes, lists: Mapping[str, list[bytes]]) -> bytes:
    """Replace the embedded lists by the complete ones; all other bytes stay the same."""
    fields = _FIELDS.decode(body)
    parts = {name: [bytes(value)] for name, value in fields.items()}
    for field, entries in lists.items():
        inner = {name: [bytes(value)] for name, value in _FIELDS.decode(fields[field]).items()}
        parts[field] = _object(inner | {"data": _list(entries), "has_more": [b"false"]})
    return b"".join(_object(parts))  # one copy: an invoice may have a hundred thousand lines


def _object(members: Mapping[str, list[bytes]]) -> list[bytes]:
    """Return the byte parts of a JSON object, from those of its values."""
    named = ([b",", msgspec.json.encode(name), b":", *value] for name, value in members.items())
    return [b"{", *[part for each in named for part in each][1:], b"}"]


def _list(entries: list[bytes]) -> list[bytes]:
    """Return the byte parts of a JSON list."""
    return [b"[", *[part for each in entries for part in (b",", each)][1:], b"]"]


@dataclass
class _Page:
    """Entries by id, in Stripe's order, and whether more follow."""

    entries: dict[str, bytes]
    has_more: bool


class _NestedList:
    """One nested list of one object, read completely."""

    def __init__(self, client: Client, resource: str, nested: NestedList, parent: str) -> None:
        self._client = client
        self._nested = nested
        self._parent = parent
        self._decode = entry_decoder(resource, nested.field).decode

    async def read(self) -> list[bytes]:
        """Read all entries; restarts where the list changed meanwhile."""
        for _ in range(RESTARTS):
            try:
                return await self._read_once()
            except stripe.InvalidRequestError as error:
                if error.param != "starting_after":
                    raise
            except stripe.PermissionError:
                if not self._nested.expand:
                    raise
                # The parent was read without what the key may not expand, too.
                self._nested = replace(self._nested, expand=())
        raise stripe.APIError(
            f"the list {self._nested.field} of {self._parent} changed {RESTARTS} times while it "
            "was read"
        )

    async def _read_once(self) -> list[bytes]:
        """Page through the list; entries are deduplicated by id."""
        entries: dict[str, bytes] = {}
        after: str | None = None
        while True:
            page = await self._page(after)
            before = len(entries)
            entries |= page.entries
            if not page.has_more:
                return list(entries.values())
            if len(entries) == before:
                raise stripe.APIError(
                    f"the list {self._nested.field} of {self._parent} repeats the same page"
                )
            after = next(reversed(page.entries))

    async def _page(self, after: str | None) -> _Page:
        expand = [("expand[]", f"data.{path}") for path in self._nested.expand]
        parameters = [("limit", "100"), *expand]
        if self._nested.parameter:
            parameters.append((self._nested.parameter, self._parent))
        if after:
            parameters.append(("starting_after", after))

        def parse(body: bytes) -> _Page:
            page = self._parsed(body)
            if after in page.entries:
                raise BadAnswerError(
                    f"Stripe repeats a page of the list {self._nested.field} of {self._parent}"
                )
            return page

        return await self._client.get(
            self._nested.path, parameters, parse=parse, identifier=self._parent
        )

    def _parsed(self, body: bytes) -> _Page:
        """Decode a page; raises UnusableError for an entry that can't be used."""
        try:
            page = parse_list(body)
            bodies, has_more = [bytes(raw) for raw in page.data], page.has_more
        except BadAnswerError:
            # If one entry makes the page invalid JSON, it is reported; else the page is retried.
            bodies, has_more = listed_bodies(body)
            if not bodies or all(map(self._is_usable, bodies)):
                raise
        return _Page(dict(map(self._entry, bodies)), has_more)

    def _is_usable(self, raw: bytes) -> bool:
        try:
            return bool(self._entry(raw))
        except UnusableError:
            return False

    def _entry(self, raw: bytes) -> tuple[str, bytes]:
        try:
            if not raw.isascii():
                raw.decode()
            return self._decode(raw).id, raw
        except UNDECODABLE as error:
            raise UnusableError(
                f"an entry of its {self._nested.field}: {reason_of(raw, error)}"
            ) from None
