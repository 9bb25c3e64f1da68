"""Who is one person: customers and guest payments, and what joins them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from . import contacts
from .guests import Guests
from .objects import Objects
from .orders import Order
from .profiles import Customer, Row, contact_fields, grouped
from .question import Question

SHARED_LIMIT = 5
# Addresses that belong to an office and not to a person; the published list may be longer.
ROLES = {
    *("info", "office", "sales", "support", "contact", "hello", "admin", "billing", "accounts"),
    *("accounting", "team", "mail", "service", "noreply"),
}


@dataclass(frozen=True)
class Member:
    """A live customer or a guest payment; `since` is when it came to be, in Unix seconds."""

    key: str
    since: int
    contact: Row
    metadata: str | None = None
    customer: Customer | None = None
    order: Order | None = None

    @property
    def rank(self) -> tuple[bool, int, str]:
        """Customers before guests, the older before the younger."""
        return self.customer is None, self.since, self.key


@dataclass(frozen=True, order=True)
class Tie:
    """A member's reason to belong to another one's person."""

    member: str
    reason: str
    other: str
    value: str | None = field(compare=False)


@dataclass(frozen=True)
class Person:
    """Members in order of rank, the first of which names the person."""

    members: list[Member]

    @property
    def key(self) -> str:
        """The person's id."""
        return self.members[0].key

    @property
    def customers(self) -> list[Customer]:
        """The customers among the members."""
        return [member.customer for member in self.members if member.customer]

    @property
    def guests(self) -> list[Order]:
        """The guest payments among the members."""
        return [member.order for member in self.members if member.order]


def members_of(
    objects: Objects, question: Question, customers: list[Customer], orders: Iterable[Order]
) -> list[Member]:
    """Every person, in order of rank."""
    found = [_customer(customer, question) for customer in customers]
    guests = Guests(objects, question)
    for order in orders:
        if order.source == "payment" and order.customer is None:
            contact = guests.contact(order)
            if contacts.joinable(contact["email"]) or contact["phone"]:
                found.append(Member(order.order_id, order.ordered_at, contact, order=order))
    return sorted(found, key=lambda member: member.rank)


def _customer(customer: Customer, question: Question) -> Member:
    value = (customer.body.get("metadata") or {}).get(question.person_key)
    return Member(
        key=customer.body["id"],
        since=customer.body["created"],
        contact=contact_fields(customer.body),
        metadata=contacts.trim(value or "") or None,
        customer=customer,
    )


def ties_of(members: list[Member], question: Question) -> list[Tie]:
    """All ties between these members."""
    customers = {member.key for member in members if member.customer}
    apart = {one for action, one, _ in question.overrides if action == "apart"}
    free = [member for member in members if member.key not in apart]
    shared: dict[str, Callable[[Member], Any]] = {
        "email": _joining_email,
        "phone": lambda member: member.contact["phone"],
        "metadata": lambda member: member.metadata,
    }
    found = set(_joined(question, customers))
    for reason, value_of in shared.items():
        crowded = _crowded(members, value_of) if reason != "metadata" else set()
        for value, sharing in grouped(free, value_of).items():
            if value is not None and value not in crowded:
                found |= set(_shared(reason, value, sharing))
    return sorted(found)


def _joining_email(member: Member) -> str | None:
    """A mailbox of a person: neither an office's nor one that can't be written to."""
    address = contacts.mailbox(member.contact["email"])
    role = (address or "").partition("@")[0].partition("+")[0]
    return None if role in ROLES else address


def _crowded(members: list[Member], value_of: Callable[[Member], Any]) -> set[str | None]:
    """Values that more customers have than can be one person."""
    customers = grouped([member for member in members if member.customer], value_of)
    return {value for value, having in customers.items() if len(having) > SHARED_LIMIT}


def _shared(reason: str, value: str, sharing: list[Member]) -> Iterator[Tie]:
    """Everybody belongs to the first, and the first to the second."""
    first, *others = [member.key for member in sharing]
    for key in others:
        yield Tie(key, reason, first, value)
    if others:
        yield Tie(first, reason, others[0], value)


def _joined(question: Question, customers: set[str]) -> Iterator[Tie]:
    for action, one, other in question.overrides:
        if action == "join" and one != other and {one, other} <= customers:
            yield Tie(one, "override", other, None)
            yield Tie(other, "override", one, None)


def people_of(members: list[Member], ties: list[Tie]) -> list[Person]:
    """Members that are tied, by however many others in between, are one person."""
    neighbours: dict[str, set[str]] = {member.key: set() for member in members}
    for tie in ties:
        neighbours[tie.member].add(tie.other)
        neighbours[tie.other].add(tie.member)
    person_of: dict[str, str] = {}
    for member in members:  # in order of rank, so that the first of a person names it
        _reach(member.key, member.key, neighbours, person_of)
    groups = grouped(members, lambda member: person_of[member.key])
    return [Person(group) for group in groups.values()]


def _reach(key: str, name: str, near: dict[str, set[str]], found: dict[str, str]) -> None:
    waiting = [key]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found[current] = name
            waiting += near[current]
