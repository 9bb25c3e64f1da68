"""One customer being generated: its data, and all of its Stripe objects and events."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from stripe_pipeline.demo.store.chance import DAY, Chance
from stripe_pipeline.demo.store.people import Person, person
from stripe_pipeline.demo.store.world import World

Body = dict[str, Any]


class Change(NamedTuple):
    """A change of an object that has an event.

    `state` overrides the object's fields with those right after the change; `previous` is the
    event's `previous_attributes`.
    """

    type: str
    at: int
    body: Body
    state: Body
    previous: Body | None


@dataclass
class Shopper:
    """The customer being generated; `objects` and `changes` grow meanwhile.

    `balance` is the customer's in Stripe, negative when the merchant owes.
    """

    world: World
    index: int
    chance: Chance
    person: Person
    id: str
    created: int
    currency: str
    test_clock: str | None = None
    balance: int = 0
    is_delinquent: bool = False
    deleted_at: int | None = None
    discount: Body | None = None
    invoice_count: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    objects: list[Body] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    bought: bool = False

    def keep(self, body: Body) -> Body:
        """Add an object to the customer's life and return it; it may change until the life ends."""
        self.objects.append(body)
        return body

    def tell(
        self, kind: str, at: int, body: Body, state: Body | None = None, **more: Body | None
    ) -> None:
        """Record an event if Stripe would still list it.

        The keyword `previous` gives the event's `previous_attributes`.
        """
        if self.world.events_since <= at <= self.world.now:
            self.changes.append(Change(kind, at, body, state or {}, more.get("previous")))

    def invoice_prefix(self) -> str:
        """The prefix of the numbers of this customer's invoices."""
        return self.id[-8:].upper()


def joined(seed: int, index: int, world: World) -> int:
    """Return when a customer was created; some share a second with the one before, like imports."""
    if index % 9 == 8:
        return joined(seed, index - 1, world)
    chance = Chance(f"{seed}/joined/{index}")
    if chance.happens(0.06):
        return chance.between(world.now - 25 * DAY, world.now - 3600)
    # More customers join in later years than in earlier ones.
    late = max(chance.random(), chance.random() * 0.8)
    return world.start + int(late * (world.now - world.start - DAY))


def new_shopper(world: World, index: int) -> Shopper:
    """Return the customer with this number, without any objects or events."""
    who = person(world.seed, index)
    return Shopper(
        world,
        index,
        Chance(f"{world.seed}/life/{index}"),
        who,
        customer_id(world.seed, index),
        joined(world.seed, index, world),
        who.market.currency,
        metadata=_metadata(index),
    )


def _metadata(index: int) -> dict[str, str]:
    """Return a customer's metadata; many have none, and some values are empty.

    Two customers now and then have the same id of the merchant's own books.
    """
    number = index - 3 if index % 120 == 27 else index
    notes = {"crm_id": f"crm-{number:06d}", "favourite": "Äthiopien" if index % 2 else ""}
    return notes if index % 3 == 0 else {}


def customer_id(seed: int, index: int) -> str:
    """Return the Stripe id of the customer with this number."""
    return Chance(f"{seed}/id/{index}").identifier("cus", 14)
