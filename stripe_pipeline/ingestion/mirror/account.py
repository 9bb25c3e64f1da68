"""A lake holds one account: detect that a key is of another one before its objects are written.

Stripe gives a restricted key no account id. So objects in the lake serve as witnesses: their
account keeps them for good, and any other returns 404 (`resource_missing`). A sync whose lists
contain objects that the lake knows needs no further check. Otherwise a witness is requested.

When a resource is read for the first time, no listed object can be recognised. Before each of its
batches is written, a witness must have been found after the batch was read: at most one request a
batch, none a page. In a first sync the first objects listed are the witnesses.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import stripe

from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES
from stripe_pipeline.stripe_client.lists.reader import Reader
from stripe_pipeline.stripe_client.lists.unusable import Unusable
from stripe_pipeline.stripe_client.resources import Resource
from stripe_pipeline.values.objects import ObjectRow

# Objects of _LASTING are kept for good. Others may be deleted, and those of _NAMED may have an id
# that their owner chose, which another account can have too.
_LASTING = ("charges", "subscriptions", "refunds", "invoices", "customers")
_NAMED = ("products", "prices", "coupons")
_ORDER = (
    *_LASTING,
    *(each.name for each in RESOURCES if each.name not in (*_LASTING, *_NAMED, "events")),
    *_NAMED,
)
# How many witnesses of a resource are tried: one may have been deleted.
WITNESSES = 3


class Witness(NamedTuple):
    """An object of the account; `created` is None where it isn't known."""

    resource: Resource
    id: str
    created: int | None = None


@dataclass
class Account:
    """Checks that the key's account is the lake's.

    `is_confirmed` once this sync has read an object that the lake knew before.
    """

    reader: Reader
    lake: Lake
    is_confirmed: bool = False
    _witnesses: list[Witness] | None = None
    _shown: list[Witness] = field(default_factory=list)
    _pages_shown: int = 0
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked_at: float = 0.0
    _answered_for: float = 0.0  # everything read until then is confirmed

    async def check_key(self) -> None:
        """Check that a key not used here before is of the lake's account.

        Raises:
            UsageError: Stripe has none of the witnesses, or the key may read none of them.
        """
        last = _last_fingerprints(self.lake)
        if last and self.reader.client.key.fingerprint not in last:
            found = await self._find(self._known())
            if found is None and self._known():
                raise UsageError(self._cannot_tell())
            self._take(found, self._known())

    def meet(self, table: str, rows: Sequence[ObjectRow]) -> None:
        """Confirm the account by listed objects that the lake knew."""
        if table not in _NAMED and not all(row.is_deleted for row in rows):
            self.is_confirmed = True

    def show(self, table: str, rows: Sequence[ObjectRow]) -> None:
        """Keep the newest objects of this sync's first page as witnesses.

        Only of one page: those of a later one may be another account's already.
        """
        live = [row for row in rows if not row.is_deleted]
        self._pages_shown += bool(live)
        if not self._shown:
            self._shown = [Witness(BY_NAME[table], r.id, r.created) for r in live[:WITNESSES]]

    async def confirm_unusable(self) -> None:
        """Check the account before unusable objects are kept: they are of a page not shown yet.

        Raises:
            UsageError: Stripe has none of the lake's objects, or of those listed first.
        """
        await self.confirm()
        self._pages_shown += bool(self._shown)
        await self.confirm_first()

    async def confirm_first(self) -> None:
        """Check that everything read until now is of one account, where the lake knows none of it.

        Raises:
            UsageError: Stripe has none of the lake's objects, or of those listed first.
        """
        read_until = time.monotonic()
        async with self._asking:
            known = self._known()
            is_one_page = not known and self._pages_shown < 2  # so it is of one account
            if is_one_page or read_until <= self._answered_for:  # checked while this task waited
                return
            asked_at = time.monotonic()
            witnesses = known or self._shown
            self._take(await self._find(witnesses), witnesses)
            self._answered_for = asked_at

    async def confirm(self) -> None:
        """Request a witness before anything is written, unless the account is confirmed.

        Raises:
            UsageError: Stripe has none of the witnesses.
        """
        async with self._asking:
            known = self._known()  # cached before this sync writes to the lake
            if not self.is_confirmed:
                self._take(await self._find(known), known)
                self.is_confirmed = True

    async def ask(self, resource: Resource, listed: Sequence[str] = ()) -> None:
        """Request a witness because an object that was listed, or is in the lake, is missing.

        `listed` are the ids that were listed beside it.

        Raises:
            UsageError: Stripe has none of the witnesses.
        """
        began = time.monotonic()
        async with self._asking:
            if began < self._asked_at:  # another task has asked since
                return
            self._asked_at = time.monotonic()
            # Stripe deletes events after 30 days, so a missing one proves nothing.
            shown = [] if resource.name == "events" else listed[:WITNESSES]
            witnesses = [*(Witness(resource, each) for each in shown), *self._known()]
            self._take(await self._find(witnesses), witnesses)

    def _known(self) -> list[Witness]:
        if self._witnesses is None:
            self._witnesses = list(_witnesses(self.lake))
        return self._witnesses

    async def _find(self, witnesses: Iterable[Witness]) -> bool | None:
        """Tell whether Stripe has one of the witnesses; None if the key may read none."""
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
    """Return the fingerprints of the keys that wrote the newest batch of each resource."""
    newest = [batches[-1] for each in RESOURCES if (batches := lake.batches(each.name))]
    return {str(key) for batch in newest if (key := batch.cursor().get("key"))}


def _witnesses(lake: Lake) -> Iterator[Witness]:
    """Yield witnesses, one of each resource first, as a key may not read all resources."""
    found = [list(_newest_live(lake, BY_NAME[name])) for name in _ORDER]
    for place in range(WITNESSES):
        yield from (some[place] for some in found if place < len(some))


def _newest_live(lake: Lake, resource: Resource) -> Iterator[Witness]:
    """Yield up to WITNESSES objects from the newest batches that weren't deleted later."""
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
