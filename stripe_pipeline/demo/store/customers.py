"""Customer objects, test clocks, and the stubs of deleted customers."""

from typing import Any

from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.shopper import Shopper

Body = dict[str, Any]


def customer(shopper: Shopper) -> Body:
    """Return the customer object as it is after all of the customer's life."""
    who = shopper.person
    return {
        "id": shopper.id,
        "object": "customer",
        "address": who.address,
        "balance": shopper.balance,
        "business_name": who.name if who.is_company else None,
        "created": shopper.created,
        "currency": shopper.currency if shopper.bought else None,
        "customer_account": None,
        "default_source": None,
        "delinquent": shopper.is_delinquent,
        "description": None,
        "discount": shopper.discount,
        "email": who.email,
        "individual_name": None if who.is_company else who.name,
        "invoice_prefix": shopper.invoice_prefix(),
        "invoice_settings": _invoice_settings(shopper),
        "livemode": False,
        "metadata": shopper.metadata,
        "name": who.name,
        "next_invoice_sequence": shopper.invoice_count + 1,
        "phone": who.phone,
        "preferred_locales": [who.market.locale] if who.address else [],
        "shipping": _shipping(shopper),
        "tax_exempt": "reverse" if who.is_company and who.market.country == "DE" else "none",
        "test_clock": shopper.test_clock,
    }


def without_names(body: Body) -> Body:
    """Remove the collected names where none were collected: Stripe sends no null for them."""
    absent = [key for key in ("business_name", "individual_name") if body[key] is None]
    return {key: value for key, value in body.items() if key not in absent}


def _invoice_settings(shopper: Shopper) -> Body:
    return {
        "custom_fields": None,
        "default_payment_method": f"pm_1{shopper.id[4:]}" if shopper.bought else None,
        "footer": None,
        "rendering_options": None,
    }


def _shipping(shopper: Shopper) -> Body | None:
    who = shopper.person
    if not who.address or not who.name or shopper.index % 3:
        return None
    return {"address": who.address, "name": who.name, "phone": who.phone}


def deleted(object_type: str, identifier: str) -> Body:
    """Return the stub that Stripe answers with for a deleted object."""
    return {"id": identifier, "object": object_type, "deleted": True}


def test_clock(shopper: Shopper, identifier: str) -> Body:
    """Return the test clock of a customer that exists for a test."""
    return {
        "id": identifier,
        "object": "test_helpers.test_clock",
        "created": shopper.created,
        "deletes_after": shopper.world.now + 30 * DAY,
        "frozen_time": shopper.world.now,
        "livemode": False,
        "name": "Renewal rehearsal",
        "status": "ready",
        "status_details": {},
    }


def life_of_customer(shopper: Shopper) -> None:
    """Add the customer itself, with the events of its creation and changes."""
    body = without_names(customer(shopper))
    shopper.objects.insert(0, body)
    fresh = {"balance": 0, "delinquent": False, "currency": None, "discount": None}
    shopper.tell("customer.created", shopper.created, body, fresh)
    if shopper.deleted_at:
        shopper.tell("customer.deleted", shopper.deleted_at, body)
    elif shopper.bought and shopper.index % 2:
        at = shopper.chance.between(shopper.created + DAY, shopper.world.now - 60)
        shopper.tell("customer.updated", at, body, previous={"phone": None, "currency": None})
