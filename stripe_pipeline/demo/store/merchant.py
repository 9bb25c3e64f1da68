"""The demo merchant: every object of its Stripe account, generated from a seed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from stripe_pipeline.demo.store import catalogue, discounts
from stripe_pipeline.demo.store.chance import Chance
from stripe_pipeline.demo.store.customers import deleted, life_of_customer
from stripe_pipeline.demo.store.events import event
from stripe_pipeline.demo.store.lives import ordinary
from stripe_pipeline.demo.store.shopper import Shopper, new_shopper
from stripe_pipeline.demo.store.specials import ALONE, SPECIALS
from stripe_pipeline.demo.store.world import World

Body = dict[str, Any]
Life = Callable[[Shopper], None]

# Every customer below this number has the special lives of its index, so that each of them occurs
# in the smallest store; after that, one customer in RARITY has a random one.
SMALLEST = 50
SHARING = SMALLEST - len(ALONE)
RARITY = 25


def generate(customers: int, seed: int, now: datetime) -> Iterator[Body]:
    """Yield a merchant's account: the catalogue, then customer by customer all their objects.

    Objects are whole: nested lists complete, and fields that Stripe only sends when expanded
    (tiers, applies_to, line_items) filled in. A deleted customer is Stripe's stub. Deterministic
    for its arguments, and memory doesn't grow with the number of customers.
    """
    world = World(customers, seed, int(now.timestamp()))
    yield from _catalogue(world)
    for index in range(customers):
        yield from life(world, index)


def _catalogue(world: World) -> Iterator[Body]:
    yield from catalogue.products(world)
    yield from catalogue.prices(world)
    yield from discounts.coupons(world)
    yield from discounts.promotion_codes(world)


def life(world: World, index: int) -> list[Body]:
    """Return all objects of the account about one customer, and the events of 30 days."""
    shopper = new_shopper(world, index)
    for part in _parts(world, index):
        part(shopper)
    life_of_customer(shopper)
    events = [event(shopper.chance, change) for change in shopper.changes]
    if shopper.deleted_at:
        shopper.objects[0] = deleted("customer", shopper.id)
    return [*shopper.objects, *sorted(events, key=_created)]


def _parts(world: World, index: int) -> list[Life]:
    if index < SHARING:
        return SPECIALS[index::SHARING]
    if index < SMALLEST:
        return [ALONE[index - SHARING]]
    chance = Chance(f"{world.seed}/fate/{index}")
    if chance.randrange(RARITY) == 0:
        return [chance.pick([*SPECIALS, *ALONE])]
    return [ordinary]


def _created(body: Body) -> int:
    created: int = body["created"]
    return created
