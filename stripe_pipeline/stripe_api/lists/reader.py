"""Read objects of a resource as the lake's rows: expanded, with their nested lists complete."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import stripe

from stripe_pipeline.lake import ObjectRow
from stripe_pipeline.stripe_api.catalog import Resource
from stripe_pipeline.stripe_api.http.client import Client, Parameters
from stripe_pipeline.stripe_api.http.retries import BadAnswerError
from stripe_pipeline.stripe_api.lists.nested import complete
from stripe_pipeline.stripe_api.lists.pages import (
    Item,
    parse_item,
    parse_items,
    parse_list,
    row,
    tombstone,
)

Answer = TypeVar("Answer")

PAGE = 100  # Stripe's greatest


@dataclass(frozen=True)
class Listed:
    """A page as Stripe lists it, in its order; nested lists may still be cut off."""

    items: Sequence[Item]
    has_more: bool
    seen_at: datetime

    @property
    def created(self) -> list[int]:
        """The creation times of those that have one."""
        times = [item.head.created for item in self.items]
        return [each for each in times if each is not None]


@dataclass(frozen=True)
class Page:
    """A page of rows, in the order in which Stripe lists them."""

    rows: Sequence[ObjectRow]
    has_more: bool


class Reader:
    """Reads pages and single objects through one client."""

    def __init__(self, client: Client, warn: Callable[[str], None]) -> None:
        self.client = client
        self._warn = warn
        self._has_warned_of_accounts = False
        self._without: set[str] = set()  # resources whose expansions the key may not read

    async def page(
        self, resource: Resource, filters: Parameters = (), after: str | None = None
    ) -> Page:
        """Read a page of a list, beginning after the object `after`; raises as `listed` does."""
        listed = await self.listed(resource, filters, after)
        return Page(await self.rows(resource, listed.items, listed.seen_at), listed.has_more)

    async def listed(
        self, resource: Resource, filters: Parameters = (), after: str | None = None
    ) -> Listed:
        """Read a page of a list as it is, beginning after the object `after`.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
            PipelineError: the page holds what doesn't belong there.
        """
        cursor = [("starting_after", after)] if after else []

        async def ask(expand: Sequence[str]) -> tuple[list[Item], bool]:
            parameters = [
                ("limit", str(PAGE)),
                *resource.parameters,
                *filters,
                *cursor,
                *(("expand[]", f"data.{path}") for path in expand),
            ]
            return await self.client.get(
                resource.path, parameters, parse=lambda body: self._items(body, resource, after)
            )

        items, has_more = await self._expanding(resource, ask)
        return Listed(items, has_more, datetime.now(UTC))

    async def retrieve(self, resource: Resource, identifier: str) -> ObjectRow:
        """Read one object by its id; what Stripe no longer has comes back as a tombstone.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
            PipelineError: the answer isn't this kind of object.
        """

        async def ask(expand: Sequence[str]) -> Item:
            parameters = [("expand[]", path) for path in expand]
            return await self.client.get(
                resource.one,
                parameters,
                parse=lambda body: self._item(body, resource, identifier),
                identifier=identifier,
            )

        try:
            item = await self._expanding(resource, ask)
        except stripe.InvalidRequestError as error:
            if not is_gone(error):
                raise
            return self._tombstone(resource, identifier)
        return (await self.rows(resource, [item], datetime.now(UTC)))[0]

    async def rows(
        self, resource: Resource, items: Sequence[Item], seen_at: datetime
    ) -> list[ObjectRow]:
        """Complete the nested lists of what was listed at `seen_at`.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt brought a usable answer.
        """
        self._note_other_customers(items)
        partial = [item for item in items if item.head.unfinished(resource)]
        whole = await asyncio.gather(*(self._whole(resource, item, seen_at) for item in partial))
        completed = {done.id: done for done in whole}
        return [completed.get(item.head.id) or row(item, seen_at) for item in items]

    def _items(self, body: bytes, resource: Resource, after: str | None) -> tuple[list[Item], bool]:
        page = parse_list(body)
        livemode = self.client.key.livemode
        items = parse_items(page.data, resource, livemode)
        if after and any(item.head.id == after for item in items):
            raise BadAnswerError(f"Stripe repeats a page of {resource.label}")
        return items, page.has_more

    def _item(self, body: bytes, resource: Resource, identifier: str) -> Item:
        item = parse_item(body, resource, self.client.key.livemode)
        if item.head.id != identifier:
            raise BadAnswerError(
                f"Stripe answered with {item.head.id} to a question for {identifier}"
            )
        return item

    def _note_other_customers(self, items: Sequence[Item]) -> None:
        odd = next((item.head for item in items if item.head.has_other_customer), None)
        if odd and not self._has_warned_of_accounts:
            self._has_warned_of_accounts = True
            self._warn(
                f"The {odd.object} {odd.id} names an Account (of Stripe's Accounts v2) instead of "
                "a customer. Such objects are kept, and count for no customer's profile."
            )

    async def _whole(self, resource: Resource, item: Item, now: datetime) -> ObjectRow:
        unfinished = item.head.unfinished(resource)
        lists = [nested for nested in resource.nested if nested.field in unfinished]
        try:
            body = await complete(self.client, item.body, item.head.id, lists)
        except stripe.InvalidRequestError as error:
            if not is_gone(error):
                raise
            return await self._without_list(resource, item, now)
        return row(Item(item.head, body), now)

    async def _without_list(self, resource: Resource, item: Item, now: datetime) -> ObjectRow:
        """Stripe has no such list (any more): the parent went too, or is kept as it was listed."""
        identifier = item.head.id

        def parse(body: bytes) -> Item:
            return self._item(body, resource, identifier)

        try:
            await self.client.get(resource.one, parse=parse, identifier=identifier)
        except stripe.InvalidRequestError as error:
            if not is_gone(error):
                raise
            return self._tombstone(resource, identifier)
        self._warn(
            f"Stripe lists only the first {' and '.join(item.head.unfinished(resource))} of "
            f"{identifier}; the rest is missing here too."
        )
        return row(item, now)

    def _tombstone(self, resource: Resource, identifier: str) -> ObjectRow:
        return tombstone(resource, identifier, self.client.key.livemode, datetime.now(UTC))

    async def _expanding(
        self, resource: Resource, ask: Callable[[Sequence[str]], Awaitable[Answer]]
    ) -> Answer:
        """Ask with the expansions; where only they are refused, ask without and say so once."""
        expand = () if resource.name in self._without else resource.expand
        try:
            return await ask(expand)
        except (stripe.PermissionError, stripe.InvalidRequestError) as error:
            if not expand or not _may_be_about_expansion(error):
                raise
            answer = await ask(())
            self._go_without(resource, error)
            return answer

    def _go_without(self, resource: Resource, error: stripe.StripeError) -> None:
        if resource.name not in self._without:
            self._without.add(resource.name)
            self._warn(
                f"{resource.label} are read without {' and '.join(resource.expand)}, because "
                f"Stripe said: {error.user_message}"
            )


def is_gone(error: stripe.InvalidRequestError) -> bool:
    """Tell whether Stripe says that there is no such object (any more)."""
    if error.code == "resource_missing":
        return True
    return error.http_status == 404 and (error.user_message or "").startswith("No such")


def _may_be_about_expansion(error: stripe.StripeError) -> bool:
    if isinstance(error, stripe.InvalidRequestError):
        return (error.param or "").startswith("expand")
    return True
