"""Guests: people who pay without a customer, some of whom are a customer as well."""

from typing import Any

from stripe_pipeline.demo.store.checkout import Basket, buy
from stripe_pipeline.demo.store.shopper import Shopper
from stripe_pipeline.demo.store.special_subscriptions import Life, days_ago


def strangers(shopper: Shopper) -> None:
    """Two payments of a guest without any customer, the address typed in two ways."""
    address = f"lena.guest{shopper.index}@mail.example"
    for days, typed in ((41, address), (6, f" {address.title()}")):
        _buy_as(shopper, days, email=typed, name="Lena Guest", phone=None)


def known_by_phone(shopper: Shopper) -> None:
    """A guest with another address than as a customer, and with the same phone."""
    address = f"second.address{shopper.index}@post.example"
    _buy_as(shopper, 11, email=address, name=shopper.person.name, phone=shopper.person.phone)


def nameless(shopper: Shopper) -> None:
    """A guest who left neither an address nor a number."""
    _buy_as(shopper, 19, email=None, name=None, phone=None)


def _buy_as(shopper: Shopper, days: float, **typed: Any) -> None:
    own = shopper.person
    at = days_ago(shopper, days)
    shopper.person = own._replace(**typed)
    buy(shopper, Basket([("beans", 2), ("mug", 1)], at, is_guest=True))
    shopper.person = own


GUESTS: list[Life] = [strangers, known_by_phone, nameless]
