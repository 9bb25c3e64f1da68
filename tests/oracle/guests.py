"""Who a guest is: what a payment without a customer says of the person who paid."""

from collections.abc import Iterable

from . import contacts
from .objects import Body, Objects, id_of
from .orders import Order
from .profiles import Row, grouped
from .question import Question, naive


class Guests:
    """Finds guests' contact fields; reads the objects once."""

    def __init__(self, objects: Objects, question: Question) -> None:
        self._charges = objects.last_body("charges")
        begun = [
            body for body in objects.live("checkout_sessions") if question.exists(body["created"])
        ]
        self._sessions = grouped(begun, lambda body: id_of(body.get("payment_intent")))

    def contact(self, order: Order) -> Row:
        """The contact fields of who paid, None where nothing usable is said."""
        charge = self._charges[order.order_id]
        said = self._details(charge), charge.get("billing_details") or {}
        written = ((each.get("address") or {}).get("country") for each in said)
        country = _first(contacts.country(each) for each in written)
        emails = [*(each.get("email") for each in said), charge.get("receipt_email")]
        return {
            "email": _first(contacts.email(email) for email in emails),
            "phone": _first(contacts.phone(each.get("phone"), country) for each in said),
            "full_name": _first(each.get("name") for each in said),
            "country": country,
            "created_at": naive(order.ordered_at),
        }

    def _details(self, charge: Body) -> Body:
        """What was entered in the newest Checkout of the charge's payment."""
        intent = id_of(charge.get("payment_intent"))
        sessions = self._sessions.get(intent, []) if intent else []
        newest = max(sessions, key=lambda body: (body["created"], body["id"]), default={})
        return newest.get("customer_details") or {}


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
