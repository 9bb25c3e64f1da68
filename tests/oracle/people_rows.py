"""The rows of marts.people and marts.person_links."""

from .adjustments import Adjustment
from .further import Further
from .names import name_fields, split
from .objects import Objects
from .people import Member, Person, Tie
from .profiles import (
    Customer,
    Row,
    money_fields,
    order_fields,
    subscription_counts,
)
from .question import Question, naive

CONTACT = (
    *("email", "full_name", "phone", "city", "region", "postal_code", "country", "locale"),
    *("first_name", "last_name"),
)


def link_rows(people: list[Person], ties: list[Tie]) -> list[Row]:
    """One row for each tie, and one for who names each person."""
    own = [Tie(person.key, "own", person.key, None) for person in people]
    person_of = {member.key: person.key for person in people for member in person.members}
    types = {
        member.key: "customer" if member.customer else "guest_payment"
        for person in people
        for member in person.members
    }
    return [
        {
            "person_id": person_of[tie.member],
            "member_type": types[tie.member],
            "member_id": tie.member,
            "reason": tie.reason,
            "matched_value": tie.value,
            "linked_member_id": tie.other,
        }
        for tie in [*own, *ties]
    ]


class PeopleRows:
    """Adds up what a person's members did."""

    def __init__(
        self,
        objects: Objects,
        question: Question,
        adjustments: dict[str | None, list[Adjustment]],
        points: dict[str, int],
    ) -> None:
        self._objects = objects
        self._question = question
        self._adjustments = adjustments
        self._points = points
        self._further = Further(objects, question)

    def of(self, person: Person) -> Row:
        """One row of marts.people."""
        return {
            "person_id": person.key,
            "customers": len(person.customers),
            "guest_payments": len(person.guests),
            "stripe_customer_ids": sorted(each.body["id"] for each in person.customers),
            **self._contact(person),
            **self._figures(person),
        }

    def _contact(self, person: Person) -> Row:
        known = primary(person)
        names = name_fields(known.customer.body) if known.customer else _guest_names(known)
        row = {**dict.fromkeys(CONTACT), **known.contact, **names}
        since = min(member.since for member in person.members)
        return {**{name: row[name] for name in CONTACT}, "created_at": naive(since)}

    def _figures(self, person: Person) -> Row:
        whole = self._together(person)
        counted = [order.ordered_at for order in whole.orders if order.is_counted]
        points = sum(self._points.get(each.body["id"], 0) for each in person.customers)
        return {
            **order_fields(whole, self._question),
            **money_fields(whole, self._question, self._objects.knows_refunds),
            **subscription_counts(whole.subscriptions),
            **self._further.monthly(whole.subscriptions),
            "stripe_last_counted_order_at": naive(max(counted, default=None)),
            "stripe_loyalty_points": points,
        }

    def _together(self, person: Person) -> Customer:
        """The person as if it were one customer."""
        orders = [order for each in person.customers for order in each.orders] + person.guests
        return Customer(
            body={},
            orders=orders,
            adjustments=[
                row for order in orders for row in self._adjustments.get(order.order_id, [])
            ],
            subscriptions=[body for each in person.customers for body in each.subscriptions],
        )


def primary(person: Person) -> Member:
    """Who speaks for a person: the customer who bought last, or the newest payment."""
    customers = [member for member in person.members if member.customer]
    return max(customers or person.members, key=_last_heard_of)


def _last_heard_of(member: Member) -> tuple[int, int, str]:
    orders = member.customer.orders if member.customer else []
    counted = [order.ordered_at for order in orders if order.is_counted]
    # Before 1970 there was no order.
    return max(counted, default=-1), member.since, member.key


def _guest_names(member: Member) -> Row:
    first, last = split(member.contact["full_name"] or "", is_business=False)
    return {"first_name": first, "last_name": last}
