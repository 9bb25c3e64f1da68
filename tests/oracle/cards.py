"""When the card expires that a customer last paid with."""

from calendar import monthrange
from datetime import date

from .bodies import charge_status
from .objects import Body, Objects, id_of
from .profiles import grouped
from .question import Question


def card_expiries(objects: Objects, question: Question) -> dict[str | None, date]:
    """The day, by customer, of their newest succeeded charge with a card that says when."""
    with_card = [
        body
        for body in objects.live("charges")
        if charge_status(body) == "succeeded" and question.exists(body["created"]) and expiry(body)
    ]
    newest = {
        owner: max(charges, key=lambda body: (body["created"], body["id"]))
        for owner, charges in grouped(with_card, lambda body: id_of(body.get("customer"))).items()
    }
    expiries = {owner: expiry(body) for owner, body in newest.items()}
    return {owner: day for owner, day in expiries.items() if day}


def expiry(charge: Body) -> date | None:
    """The last day of the card's month; a charge once held its card in `source`."""
    details = (charge.get("payment_method_details") or {}).get("card") or {}
    for card in (details, charge.get("source") or {}):
        year, month = card.get("exp_year"), card.get("exp_month")
        if year and month:
            return date(year, month, monthrange(year, month)[1])
    return None
