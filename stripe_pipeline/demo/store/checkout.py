"""Checkout sessions: one-time payments with and without a customer, and abandoned ones."""

from dataclasses import dataclass
from typing import Any

from stripe_pipeline.demo.store.billing import amount_of
from stripe_pipeline.demo.store.catalogue import BY_KEY as OFFERS
from stripe_pipeline.demo.store.catalogue import NAMES, embedded, price
from stripe_pipeline.demo.store.chance import DAY
from stripe_pipeline.demo.store.charges import charge
from stripe_pipeline.demo.store.shopper import Shopper

Body = dict[str, Any]


@dataclass
class Basket:
    """The purchase of one Checkout session, and the consent given there.

    `promotions` is the consent given to advertising: opt_in, opt_out or None (not asked, or asked
    and not answered).
    """

    offers: list[tuple[str, int]]
    at: int
    promotions: str | None = None
    is_guest: bool = False
    mode: str = "payment"


def buy(shopper: Shopper, basket: Basket) -> Body:
    """Pay for a basket at once; return the charge."""
    session = _session(shopper, basket)
    paid_at = min(basket.at + shopper.chance.randint(30, 900), shopper.world.now - 1)
    email = shopper.person.email or None
    differing = {"customer": None, "receipt_email": email} if basket.is_guest else {}
    money = charge(shopper, session["amount_total"], paid_at, **differing)
    session |= {"payment_intent": money["payment_intent"]} | _completed(shopper, basket)
    shopper.keep(session)
    shopper.tell("checkout.session.completed", paid_at, session)
    return money


def record_signup(shopper: Shopper, subscription: Body, invoice: Body, basket: Basket) -> Body:
    """Return the session through which a subscription was started."""
    session = _session(shopper, basket) | _completed(shopper, basket)
    session |= {
        "mode": "subscription",
        "subscription": subscription["id"],
        "invoice": invoice["id"],
        "amount_subtotal": invoice["subtotal"],
        "amount_total": invoice["total"],
        "customer_creation": None,
        "payment_method_collection": "always",
        "payment_status": "paid" if invoice["amount_due"] else "no_payment_required",
    }
    off = sum(entry["amount"] for entry in invoice["total_discount_amounts"])
    tax = invoice["total"] - invoice["subtotal"] + off
    session["total_details"] = _totals(off, tax)
    shopper.keep(session)
    shopper.tell("checkout.session.completed", basket.at, session)
    return session


def abandon(shopper: Shopper, basket: Basket, recoverable: bool = True) -> Body:
    """Leave a basket unpaid; the session expires after a day, or is still open.

    A person who consented to advertising has left an address even so.
    """
    session = _session(shopper, basket)
    if basket.promotions:
        session |= {
            "customer_details": _details(shopper),
            "consent": {"promotions": basket.promotions, "terms_of_service": None},
        }
    expires = basket.at + DAY
    session |= {"expires_at": expires, "url": f"https://checkout.stripe.example/c/{session['id']}"}
    if expires < shopper.world.now:
        session |= {"status": "expired", "url": None}
        session["after_expiration"] = _recovery(session["id"], expires) if recoverable else None
        shopper.tell("checkout.session.expired", expires, session)
    return shopper.keep(session)


def _recovery(identifier: str, expired: int) -> Body:
    return {
        "recovery": {
            "allow_promotion_codes": True,
            "enabled": True,
            "expires_at": expired + 30 * DAY,
            "url": f"https://buy.stripe.example/r/{identifier}",
        }
    }


def _completed(shopper: Shopper, basket: Basket) -> Body:
    return {
        "status": "complete",
        "payment_status": "paid",
        "url": None,
        "customer_details": _details(shopper),
        "consent": {"promotions": basket.promotions, "terms_of_service": None},
    }


def _details(shopper: Shopper) -> Body:
    who = shopper.person
    return {
        "address": who.address,
        "business_name": None,
        "email": who.email or None,
        "individual_name": None,
        "name": who.name,
        "phone": who.phone,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def _items(shopper: Shopper, basket: Basket, session: str) -> Body:
    return {
        "object": "list",
        "data": [_item(shopper, key, quantity) for key, quantity in basket.offers],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session}/line_items",
    }


def _item(shopper: Shopper, key: str, quantity: int) -> Body:
    amount = amount_of(shopper, key, quantity)
    sold = price(key, shopper.currency, shopper.world.start)
    return {
        "id": shopper.chance.identifier("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": shopper.currency,
        "description": NAMES[OFFERS[key].product],
        "metadata": {},
        "price": embedded(sold),
        "quantity": quantity,
    }


def _totals(discount: int, tax: int) -> Body:
    return {"amount_discount": discount, "amount_shipping": 0, "amount_tax": tax}


def _session(shopper: Shopper, basket: Basket) -> Body:
    identifier = shopper.chance.identifier("cs_test", 58)
    items = _items(shopper, basket, identifier)
    amount = sum(item["amount_total"] for item in items["data"])
    asked = shopper.person.market.country == "US"
    return {
        "id": identifier,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": True},
        "after_expiration": None,
        "allow_promotion_codes": True,
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": "auto",
        "branding_settings": _branding(),
        "cancel_url": "https://shop.example/basket",
        "client_reference_id": None,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": {
            "payment_method_reuse_agreement": None,
            "promotions": "auto" if asked else "none",
            "terms_of_service": "none",
        },
        "created": basket.at,
        "currency": shopper.currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer": None if basket.is_guest else shopper.id,
        "customer_account": None,
        "customer_creation": "if_required" if basket.is_guest else None,
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "expires_at": basket.at + DAY,
        "invoice": None,
        "invoice_creation": _invoice_creation() if basket.mode == "payment" else None,
        "line_items": items,
        "livemode": False,
        "locale": None,
        "metadata": {},
        "mode": basket.mode,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": True},
        "recovered_from": None,
        "redirect_on_completion": "always",
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": "https://shop.example/thanks",
        "total_details": _totals(0, 0),
        "ui_mode": "hosted_page",
        "url": None,
        "wallet_options": None,
    }


def _branding() -> Body:
    return {
        "background_color": "#ffffff",
        "border_style": "rounded",
        "button_color": "#0074d4",
        "display_name": "Fernweh Coffee",
        "font_family": "default",
        "icon": None,
        "logo": None,
    }


def _invoice_creation() -> Body:
    data = dict.fromkeys(
        ("account_tax_ids", "custom_fields", "description", "footer", "issuer")
    ) | {"metadata": {}, "rendering_options": None}
    return {"enabled": False, "invoice_data": data}
