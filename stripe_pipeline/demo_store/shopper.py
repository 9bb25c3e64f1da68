"""One customer in the making: who it is, and everything that Stripe would hold about it."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from stripe_pipeline.demo_store.chance import DAY, Chance
from stripe_pipeline.demo_store.people import Person, person
from stripe_pipeline.demo_store.world import World

Body = dict[str, Any]


class Change(NamedTuple):
    """Something that happened to an object, announced by an event.

    `state` overrides the object's fields to what they were right after it; `previous` is the
    event's `previous_attributes`.
    """

    type: str
    at: int
    body: Body
    state: Body
    previous: Body | None


@dataclass
class Shopper:
    """The customer that lives of objects are built around; lists grow as the life unfolds.

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
        """Add an object to the customer's life; it may still change until the life is told."""
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
        """What the numbers of this customer's invoices start with."""
        return self.id[-8:].upper()


def joined(seed: int, index: int, world: World) -> int:
    """When a customer was created. Some share their second with the one before, as imports do."""
    if index % 9 == 8:
        return joined(seed, index - 1, world)
    chance = Chance(f"{seed}/joined/{index}")
    if chance.happens(0.06):
        return chance.between(world.now - 25 * DAY, world.now - 3600)
    # More join in later years than in earlier ones.
    late = max(chance.random(), chance.random() * 0.8)
    return world.start + int(late * (world.now - world.start - DAY))


def new_shopper(world: World, index: int) -> Shopper:
    """The customer with this number, before anything has happened to it."""
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
    """Notes that the merchant keeps with a customer; many have none, and some are empty.

    Two customers now and then are one in the merchant's own books.
    """
    number = index - 3 if index % 120 == 27 else index
    notes = {"crm_id": f"crm-{number:06d}", "favourite": "Äthiopien" if index % 2 else ""}
    return notes if index % 3 == 0 else {}


def customer_id(seed: int, index: int) -> str:
    """The Stripe id of the customer with this number."""
    return Chance(f"{seed}/id/{index}").identifier("cus", 14)
