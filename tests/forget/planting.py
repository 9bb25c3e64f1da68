"""One person's words on everything that Stripe may know of somebody, so that they can be found."""

from typing import Any

Body = dict[str, Any]

NAME = "Zelda Quillfeather-Öz"
EMAIL = " Zelda.Quillfeather@Post-Haus.example"
SAME_EMAIL = "zelda.quillfeather@post-haus.example"
PHONE = "+1 (212) 555-0142"
SAME_PHONE = "+12125550142"
STREET = "77 Peregrination Crescent"
CITY = "Wrenfordshire"
MEMO = "prefers the heliotrope wrapping"
HOLDER = "Z QUILLFEATHER OEZ"
EVIDENCE = "the parcel lay beneath my gnarled laburnum"
LINK = "https://pay.stripe.com/x/live_quillfeatherlink"
CODE = "QUILL4EVER"
# Any of these anywhere, in whatever form, is a trace of her.
TRACES = (
    NAME, EMAIL.strip(), "quillfeather", PHONE, SAME_PHONE, "2125550142", STREET, CITY, MEMO,
    HOLDER, EVIDENCE, "laburnum", LINK, CODE,
)  # fmt: skip

ADDRESS = {"line1": STREET, "line2": None, "city": CITY, "country": "US", "postal_code": "10001",
           "state": "NY"}  # fmt: skip
CONTACT = {"name": NAME, "email": EMAIL, "phone": PHONE, "address": ADDRESS}
_COMMON = {"metadata": {"memo": MEMO}, "description": f"for {NAME}"}
_SHIPPING = {"shipping": {"name": NAME, "phone": PHONE, "address": ADDRESS}}
_BY_RESOURCE: dict[str, Body] = {
    "customers": {**CONTACT, **_SHIPPING, "business_name": NAME, "individual_name": NAME},
    "charges": {
        **_SHIPPING,
        "billing_details": CONTACT,
        "receipt_email": EMAIL,
        "receipt_url": LINK,
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "exp_month": 2, "exp_year": 2031, "name": HOLDER},
        },
        "source": {"object": "card", "name": HOLDER, "exp_month": 2, "exp_year": 2031},
    },
    "invoices": {
        "customer_name": NAME,
        "customer_email": EMAIL,
        "customer_phone": PHONE,
        "customer_address": ADDRESS,
        "customer_shipping": _SHIPPING["shipping"],
        "footer": MEMO,
        "custom_fields": [{"name": "To", "value": NAME}],
        "hosted_invoice_url": LINK,
        "invoice_pdf": LINK,
    },
    "subscriptions": {"invoice_settings": {"footer": MEMO}},
    "refunds": {"destination_details": {"note": MEMO}, "instructions_email": EMAIL},
    "credit_notes": {"memo": MEMO, "pdf": LINK},
    "disputes": {
        "evidence": {
            "customer_name": NAME,
            "customer_email_address": EMAIL,
            "uncategorized_text": EVIDENCE,
            "billing_address": f"{STREET}, {CITY}",
        }
    },
    "checkout_sessions": {
        "customer_email": EMAIL,
        "customer_details": CONTACT,
        "collected_information": {"shipping_details": _SHIPPING["shipping"]},
        "url": LINK,
        "success_url": LINK,
        "consent": {"promotions": "opt_out"},
        "custom_fields": [{"key": "note", "text": {"value": MEMO}}],
    },
    "promotion_codes": {"code": CODE},
}


def hers(resource: str, body: Body) -> Body:
    """The object with her words wherever Stripe has room for somebody's."""
    planted = body | _COMMON | _BY_RESOURCE.get(resource, {})
    for name in ("lines", "items"):
        entries = (body.get(name) or {}).get("data")
        if entries:
            words = [entry | {"metadata": {"memo": MEMO}, "description": NAME} for entry in entries]
            planted[name] = body[name] | {"data": words}
    return planted
