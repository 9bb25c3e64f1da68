"""Read objects of a resource as the lake's rows: expanded, with their nested lists complete."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import stripe

from stripe_pipeline.stripe_client.http.client import Client, Parameters
from stripe_pipeline.stripe_client.http.retries import BadAnswerError
from stripe_pipeline.stripe_client.lists.nested import complete
from stripe_pipeline.stripe_client.lists.pages import (
    Contents,
    Item,
    read_one,
    read_page,
    row,
    tombstone,
)
from stripe_pipeline.stripe_client.lists.unusable import Unusable, UnusableError, is_whole, not_json
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow

Answer = TypeVar("Answer")
# Gets the objects that can't be used.
Quarantining = Callable[[Resource, Sequence[Unusable]], Awaitable[None]]
# Called where Stripe lacks an object that it should have, with ids that were listed beside it.
Missing = Callable[[Resource, Sequence[str]], Awaitable[None]]

PAGE = 100  # Stripe's maximum


@dataclass(frozen=True)
class Listed:
    """A page in Stripe's order; nested lists may still be incomplete.

    `last` is the cursor of the next page, None where no object of the page has an id.
    """

    items: Sequence[Item]
    has_more: bool
    seen_at: datetime
    last: str | None = None

    @property
    def created(self) -> list[int]:
        """The creation times of the objects that have one, in Unix seconds."""
        times = [item.head.created for item in self.items]
        return [each for each in times if each is not None]


@dataclass(frozen=True)
class Page:
    """A page of rows, in the order in which Stripe lists them."""

    rows: Sequence[ObjectRow]
    has_more: bool


class Reader:
    """Reads pages and single objects through one client.

    Unusable objects are passed to `quarantining` and left out of the result. `missing` is called
    where an object no longer exists, and raises where that is impossible.
    """

    def __init__(
        self,
        client: Client,
        warn: Callable[[str], None],
        quarantining: Quarantining,
        missing: Missing,
    ) -> None:
        self.client = client
        self.missing = missing
        self._warn = warn
        self._quarantining = quarantining
        self._has_warned_of_accounts = False
        self._without: set[str] = set()  # resources whose expansions the key may not read

    async def page(
        self, resource: Resource, filters: Parameters = (), after: str | None = None
    ) -> Page:
        """Read a page of complete rows after the cursor `after`; raises as `listed` does."""
        listed = await self.listed(resource, filters, after)
        return Page(await self.rows(resource, listed.items, listed.seen_at), listed.has_more)

    async def listed(
        self, resource: Resource, filters: Parameters = (), after: str | None = None
    ) -> Listed:
        """Read a page after the cursor `after`, without completing nested lists.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt got a usable response.
            PipelineError: an object is of the other mode.
        """
        cursor = [("starting_after", after)] if after else []
        parse = _PageParser(resource, self.client.key.livemode, after)

        async def ask(expand: Sequence[str]) -> Contents:
            parameters = [
                ("limit", str(PAGE)),
                *resource.parameters,
                *filters,
                *cursor,
                *(("expand[]", f"data.{path}") for path in expand),
            ]
            return await self.client.get(resource.path, parameters, parse=parse)

        found = await self._expanding(resource, ask)
        if found.unusable:
            await self._quarantining(resource, found.unusable)
        return Listed(found.items, found.has_more, datetime.now(UTC), found.last)

    async def retrieve(self, resource: Resource, identifier: str) -> ObjectRow | None:
        """Read one object by its id; returns a tombstone where Stripe no longer has it.

        Returns None where the object can't be used.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt got a usable response.
            PipelineError: the object is of the other mode.
        """
        parse = _OneParser(resource, self.client.key.livemode, identifier)

        async def ask(expand: Sequence[str]) -> Item | Unusable:
            parameters = [("expand[]", path) for path in expand]
            return await self.client.get(
                resource.one, parameters, parse=parse, identifier=identifier
            )

        try:
            found = await self._expanding(resource, ask)
        except stripe.InvalidRequestError as error:
            if not is_gone(error):
                raise
            await self.missing(resource, ())
            return self._tombstone(resource, identifier)
        if isinstance(found, Unusable):
            await self._quarantining(resource, [found])
            return None
        rows = await self.rows(resource, [found], datetime.now(UTC))
        return rows[0] if rows else None

    async def look(self, resource: Resource, identifier: str) -> Item | Unusable | None:
        """Read one object without expansions; returns None where Stripe has no such object.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt got a usable response.
        """
        parse = _OneParser(resource, self.client.key.livemode, identifier)
        try:
            return await self.client.get(resource.one, parse=parse, identifier=identifier)
        except stripe.InvalidRequestError as error:
            if not is_gone(error):
                raise
            return None

    async def rows(
        self, resource: Resource, items: Sequence[Item], seen_at: datetime
    ) -> list[ObjectRow]:
        """Complete the nested lists of objects listed at `seen_at`; omits unusable ones.

        Raises:
            stripe.StripeError: Stripe refused, or no attempt got a usable response.
        """
        self._note_other_customers(items)
        partial = [item for item in items if item.head.unfinished(resource)]
        whole = await asyncio.gather(*(self._whole(resource, item, seen_at) for item in partial))
        completed = {item.head.id: done for item, done in zip(partial, whole, strict=True)}
        ids = (item.head.id for item in items)
        rows = [completed[each] if each in completed else row(item, seen_at)
                for each, item in zip(ids, items, strict=True)]  # fmt: skip
        return [each for each in rows if each]

    def _note_other_customers(self, items: Sequence[Item]) -> None:
        odd = next((item.head for item in items if item.head.has_other_customer), None)
        if odd and not self._has_warned_of_accounts:
            self._has_warned_of_accounts = True
            self._warn(
                f"The {odd.object} {odd.id} names an Account (of Stripe's Accounts v2) instead of "
                "a customer. Such objects are kept, and count for no customer's profile."
            )

    async def _whole(self, resource: Resource, item: Item, now: datetime) -> ObjectRow | None:
        unfinished = item.head.unfinished(resource)
        lists = [nested for nested in resource.nested if nested.field in unfinished]
        try:
            body = await complete(self.client, item.body, resource, item.head.id, lists)
        except stripe.InvalidRequestError as error:
            if not is_gone(error):
                raise
            return await self._without_list(resource, item, now)
        except UnusableError as error:
            await self._quarantining(resource, [Unusable(item.body, str(error), item.head.id)])
            return None
        return row(Item(item.head, body), now)

    async def _without_list(self, resource: Resource, item: Item, now: datetime) -> ObjectRow:
        """Return the row of an object whose nested list is gone: a tombstone, or as it was listed.

        A tombstone where Stripe no longer has the object itself either.
        """
        identifier = item.head.id
        if await self.look(resource, identifier) is None:
            await self.missing(resource, ())
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
        """Ask with the expansions; where only they are refused, ask without them and warn once."""
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


@dataclass
class _PageParser:
    """Parses the page after a cursor; the first one that isn't valid JSON is retried."""

    resource: Resource
    livemode: bool
    after: str | None
    was_torn: bool = False

    def __call__(self, body: bytes) -> Contents:
        found = read_page(body, self.resource, self.livemode)
        if found.is_torn and not self.was_torn:
            self.was_torn = True
            raise BadAnswerError(not_json(body))
        if self.after and self.after in found:
            raise BadAnswerError(f"Stripe repeats a page of {self.resource.label}")
        return found


@dataclass
class _OneParser:
    """Parses the object with an id; retries an unusable body once, a truncated one always."""

    resource: Resource
    livemode: bool
    identifier: str
    was_unusable: bool = False

    def __call__(self, body: bytes) -> Item | Unusable:
        found = read_one(body, self.resource, self.livemode)
        if isinstance(found, Unusable):
            return self._unusable(body, found)
        if found.head.id != self.identifier:
            raise BadAnswerError(
                f"Stripe answered with {found.head.id} to a question for {self.identifier}"
            )
        return found

    def _unusable(self, body: bytes, found: Unusable) -> Unusable:
        if not self.was_unusable or not is_whole(body):
            self.was_unusable = True
            raise BadAnswerError(not_json(body))
        return Unusable(body, found.reason, self.identifier)


def is_gone(error: stripe.InvalidRequestError) -> bool:
    """Tell whether Stripe says that the object doesn't exist (any more)."""
    if error.code == "resource_missing":
        return True
    return error.http_status == 404 and (error.user_message or "").startswith("No such")


def _may_be_about_expansion(error: stripe.StripeError) -> bool:
    if isinstance(error, stripe.InvalidRequestError):
        return (error.param or "").startswith("expand")
    return True
