"""A lake holds one account: notice that Stripe answers for another before its objects are written.

Stripe tells a restricted key no account id. So objects that the lake has are the witnesses: an
account has them for good, and another one answers 404 (`resource_missing`). A sync whose lists show
again what the lake knows asks nothing more. Otherwise a witness is looked for, in one request.

Where a resource is read for the first time, nothing that is listed can be recognised. Each of its
batches waits until Stripe has answered for a witness after the batch was read: a request a batch
at most, and none a page. In a first sync the first objects that it was shown are the witnesses.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import stripe

from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES, Resource
from stripe_pipeline.stripe_client.lists.reader import Reader
from stripe_pipeline.stripe_client.lists.unusable import Unusable
from stripe_pipeline.values.objects import ObjectRow

# Stripe has the first ones for good. The last ones may be deleted, and those of `_NAMED` may have
# an id that their owner chose, which another account can have too.
_LASTING = ("charges", "subscriptions", "refunds", "invoices", "customers")
_NAMED = ("products", "prices", "coupons")
_ORDER = (
    *_LASTING,
    *(each.name for each in RESOURCES if each.name not in (*_LASTING, *_NAMED, "events")),
    *_NAMED,
)
# So many of a resource are looked for: one may have been deleted.
WITNESSES = 3


class Witness(NamedTuple):
    """An object that the account has; `created` is None where it isn't known."""

    resource: Resource
    id: str
    created: int | None = None


@dataclass
class Account:
    """Tells whether Stripe still answers for the account of the lake.

    `is_confirmed` once this sync has met something that the lake knew before.
    """

    reader: Reader
    lake: Lake
    is_confirmed: bool = False
    _witnesses: list[Witness] | None = None
    _shown: list[Witness] = field(default_factory=list)
    _pages_shown: int = 0
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked_at: float = 0.0
    _answered_for: float = 0.0  # what was read until then is the account's

    async def check_key(self) -> None:
        """Check that a key that is new here reads the account of the lake.

        Raises:
            UsageError: Stripe knows none of the lake's objects, or the key may look at none.
        """
        last = _last_fingerprints(self.lake)
        if last and self.reader.client.key.fingerprint not in last:
            found = await self._find(self._known())
            if found is None and self._known():
                raise UsageError(self._cannot_tell())
            self._take(found, self._known())

    def meet(self, table: str, rows: Sequence[ObjectRow]) -> None:
        """Note that Stripe showed these, which the lake has known."""
        if table not in _NAMED and not all(row.is_deleted for row in rows):
            self.is_confirmed = True

    def show(self, table: str, rows: Sequence[ObjectRow]) -> None:
        """Keep the newest objects of the first page that this sync was shown.

        Of one page alone: those of a later one may be another account's already.
        """
        live = [row for row in rows if not row.is_deleted]
        self._pages_shown += bool(live)
        if not self._shown:
            self._shown = [Witness(BY_NAME[table], r.id, r.created) for r in live[:WITNESSES]]

    async def confirm_first(self) -> None:
        """Check that what was read until now is of one account, where the lake can't tell.

        Raises:
            UsageError: Stripe knows neither what the lake has nor what this sync was shown first.
        """
        read_until = time.monotonic()
        async with self._asking:
            known = self._known()
            is_one_page = not known and self._pages_shown < 2  # which is of one account
            if is_one_page or read_until <= self._answered_for:  # answered while this one waited
                return
            asked_at = time.monotonic()
            witnesses = known or self._shown
            self._take(await self._find(witnesses), witnesses)
            self._answered_for = asked_at

    async def confirm(self) -> None:
        """Look for a witness before anything is written, unless this sync has met one.

        Raises:
            UsageError: Stripe knows none of the objects that were looked for.
        """
        async with self._asking:
            known = self._known()  # before anything of this sync is in the lake
            if not self.is_confirmed:
                self._take(await self._find(known), known)
                self.is_confirmed = True

    async def ask(self, resource: Resource, listed: Sequence[str] = ()) -> None:
        """Look for a witness: Stripe lacks what it has shown before, or what the lake has.

        `listed` are the ids that this sync was shown beside it.

        Raises:
            UsageError: Stripe knows none of the objects that were looked for.
        """
        began = time.monotonic()
        async with self._asking:
            if began < self._asked_at:  # someone else has asked since
                return
            self._asked_at = time.monotonic()
            # Events are forgotten after 30 days; that they are gone says nothing.
            shown = [] if resource.name == "events" else listed[:WITNESSES]
            witnesses = [*(Witness(resource, each) for each in shown), *self._known()]
            self._take(await self._find(witnesses), witnesses)

    def _known(self) -> list[Witness]:
        if self._witnesses is None:
            self._witnesses = list(_witnesses(self.lake))
        return self._witnesses

    async def _find(self, witnesses: Iterable[Witness]) -> bool | None:
        """Tell whether Stripe has one of them; None: the key may look at none."""
        outcome = None
        for each in witnesses:
            found = await self._has(each)
            if found:
                return True
            outcome = found if found is not None else outcome
        return outcome

    async def _has(self, witness: Witness) -> bool | None:
        try:
            found = await self.reader.look(witness.resource, witness.id)
        except stripe.PermissionError:
            return None
        if found is None or isinstance(found, Unusable):
            return found is not None
        both = (found.head.created, witness.created)
        return None in both or both[0] == both[1]

    def _take(self, found: bool | None, witnesses: Sequence[Witness]) -> None:
        if found is not False:
            return
        raise UsageError(
            f"STRIPE_API_KEY belongs to another account than the data in {self.lake.root.parent}, "
            f"or the test data of the account were deleted: Stripe doesn't know {witnesses[0].id}. "
            "Name another folder in STRIPE_PIPELINE_HOME, or use a key of the account that the "
            "folder mirrors."
        )

    def _cannot_tell(self) -> str:
        labels = sorted({each.resource.permission_name for each in self._known()})
        return (
            "STRIPE_API_KEY is new here and may read nothing of what the data in "
            f"{self.lake.root.parent} hold, so it may be of another account. Give it Read of "
            f"{' or '.join(labels[:2])}, or name another folder in STRIPE_PIPELINE_HOME."
        )


def _last_fingerprints(lake: Lake) -> set[str]:
    """The keys that wrote the newest batches: one, or two after a change of keys."""
    newest = [batches[-1] for each in RESOURCES if (batches := lake.batches(each.name))]
    return {str(key) for batch in newest if (key := batch.cursor().get("key"))}


def _witnesses(lake: Lake) -> Iterator[Witness]:
    """One of each resource first: a key may not read them all."""
    found = [list(_newest_live(lake, BY_NAME[name])) for name in _ORDER]
    for place in range(WITNESSES):
        yield from (some[place] for some in found if place < len(some))


def _newest_live(lake: Lake, resource: Resource) -> Iterator[Witness]:
    """Yield a few objects of the newest batches that no later row says are deleted."""
    seen: set[str] = set()
    count = 0
    for batch in reversed(lake.batches(resource.name)):
        with batch.open() as file:
            rows = file.read(["id", "created", "is_deleted"]).to_pylist()
        for row in reversed(rows):
            if row["id"] not in seen and not row["is_deleted"]:
                yield Witness(resource, row["id"], row["created"])
                if (count := count + 1) == WITNESSES:
                    return
            seen.add(row["id"])
