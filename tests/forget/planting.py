"""One person's words on everything that Stripe may know of her, so that they can be found.

Every text has something in plain letters that is nowhere else, so that no way of escaping hides it.
"""

import hashlib
from typing import Any

Body = dict[str, Any]

NAME = 'Zelda "Zee" Quillfeather-Öz\nO\'Hara \U0001f99a'
EMAIL = " Zelda.Quillfeather@Post-Haus.example"
SAME_EMAIL = "zelda.quillfeather@post-haus.example"
FORMER_EMAIL = "Zelda.Maiden+shop@Quillfeather.example"
PHONE = "+1 (212) 555-0142"
LOCAL_PHONE = "212.555.0142 ext. 7"
SAME_PHONE = "+12125550142"
STREET = "77 Peregrination Crescent, Flat 3/ß"
CITY = "Wrenfordshire"
MEMO = "prefers the heliotrope wrapping; \t\"tell 'her'\" \U0001f381"
HOLDER = "Z QUILLFEATHER OEZ"
EVIDENCE = "the parcel lay beneath\nmy gnarled laburnum"
LINK = "https://pay.stripe.com/x/live_quillfeatherlink?a=1&b=%2F"
CODE = "QUILL4EVER"
DESCRIPTOR = "QUILLFEATHER*GIFT"
TAX_ID = "QF771188TAX"
ADDRESS_OF_NET = "203.0.113.77"
IBAN = "DE0077QUILLFEATHER"


def _hashes(address: str) -> list[str]:
    """What is as good as the address: anyone can compute it of an address they know."""
    kinds = (hashlib.md5, hashlib.sha1, hashlib.sha256)
    return [kind(text.encode()).hexdigest() for kind in kinds
            for text in (address, f"email:{address}", f"sms:{address}")]  # fmt: skip


# Any of these anywhere, in whatever form, is a trace of her.
TRACES = (
    "quillfeather", "2125550142", "212) 555-0142", "212.555.0142", "peregrination", "wrenfordshire",
    "heliotrope", "laburnum", CODE, TAX_ID, ADDRESS_OF_NET, *_hashes(SAME_EMAIL),
    *_hashes(SAME_PHONE),
)  # fmt: skip

ADDRESS = {"line1": STREET, "line2": MEMO, "city": CITY, "country": "US", "postal_code": "10001",
           "state": "NY"}  # fmt: skip
CONTACT = {"name": NAME, "email": EMAIL, "phone": PHONE, "address": ADDRESS, "tax_id": TAX_ID}
_COMMON = {
    "metadata": {"memo": MEMO, f"note of {HOLDER}": "1", "second_email": EMAIL.upper()},
    "description": f"for {NAME}",
    "statement_descriptor": DESCRIPTOR,
    "statement_descriptor_suffix": DESCRIPTOR,
}
_SHIPPING = {
    "shipping": {"name": NAME, "phone": LOCAL_PHONE, "address": ADDRESS, "tracking_number": MEMO}
}
# What she is where Stripe was asked for the whole of her, or she is an Account.
EXPANDED = {"object": "customer", **CONTACT, **_SHIPPING, **_COMMON}
_CARD = {"brand": "visa", "country": "US", "exp_month": 2, "exp_year": 2031, "name": HOLDER,
         "fingerprint": IBAN}  # fmt: skip
_TAX_IDS = [{"type": "eu_vat", "value": TAX_ID}]
_BY_RESOURCE: dict[str, Body] = {
    "customers": {
        **CONTACT,
        **_SHIPPING,
        "business_name": NAME,
        "individual_name": NAME,
        "invoice_settings": {"custom_fields": [{"name": "To", "value": NAME}], "footer": MEMO},
        "sources": {"object": "list", "data": [{"object": "card", "name": HOLDER}]},
        "tax": {"ip_address": ADDRESS_OF_NET, "location": {"country": "US"}},
        "tax_ids": {"object": "list", "data": _TAX_IDS},
        "discount": {
            "id": "di_z",
            "source": {"type": "coupon", "coupon": {"id": "10OFF", "name": f"for {HOLDER}"}},
        },
        "cash_balance": {"settings": {"note": MEMO}},
    },
    "charges": {
        **_SHIPPING,
        "billing_details": CONTACT,
        "receipt_email": EMAIL,
        "receipt_url": LINK,
        "calculated_statement_descriptor": DESCRIPTOR,
        "fraud_details": {"user_report": MEMO},
        "outcome": {"seller_message": MEMO},
        "failure_message": MEMO,
        "level3": {"customer_reference": HOLDER},
        "payment_method_details": {
            "type": "card",
            "card": {**_CARD, "wallet": {"dynamic_last4": "4242", "masterpass": CONTACT}},
            "sepa_debit": {"iban": IBAN, "generated_name": HOLDER},
            "us_bank_account": {"account_holder_name": HOLDER},
        },
        "source": {"object": "card", **_CARD, "owner": CONTACT},
    },
    "invoices": {
        "customer_name": NAME,
        "customer_email": EMAIL,
        "customer_phone": PHONE,
        "customer_address": ADDRESS,
        "customer_shipping": _SHIPPING["shipping"],
        "customer_tax_ids": _TAX_IDS,
        "footer": MEMO,
        "number": f"{CODE}-0001",
        "custom_fields": [{"name": "To", "value": NAME}],
        "hosted_invoice_url": LINK,
        "invoice_pdf": LINK,
        "last_finalization_error": {"message": MEMO},
        "shipping_details": _SHIPPING["shipping"],
        "rendering": {"template": MEMO},
        "default_source": {"id": "card_z", "object": "card", "name": HOLDER},
    },
    "subscriptions": {
        "invoice_settings": {"footer": MEMO},
        "cancellation_details": {"comment": MEMO, "feedback": "other", "reason": "requested"},
        "default_payment_method": {"id": "pm_z", "billing_details": CONTACT, "card": _CARD},
        "latest_invoice": {"id": "in_z", "object": "invoice", "customer_email": EMAIL},
    },
    "refunds": {
        "destination_details": {"type": "bank_transfer", "note": MEMO, "reference": HOLDER},
        "instructions_email": EMAIL,
        "next_action": {"display_details": {"email_sent": {"email_sent_to": EMAIL}}},
    },
    "credit_notes": {"memo": MEMO, "pdf": LINK, "number": f"{CODE}-CN-1"},
    "disputes": {
        "evidence": {
            "customer_name": NAME,
            "customer_email_address": EMAIL,
            "customer_purchase_ip": ADDRESS_OF_NET,
            "customer_signature": HOLDER,
            "uncategorized_text": EVIDENCE,
            "shipping_address": f"{STREET}, {CITY}",
            "billing_address": f"{STREET}, {CITY}",
            "enhanced_evidence": {"visa": {"disputed_transaction": {"customer_account_id": EMAIL}}},
        },
        "payment_method_details": {"paypal": {"case_id": HOLDER}},
    },
    "checkout_sessions": {
        "customer_email": EMAIL,
        "customer_details": {**CONTACT, "individual_name": NAME, "tax_ids": _TAX_IDS},
        "collected_information": {
            "business_name": NAME,
            "individual_name": NAME,
            "shipping_details": _SHIPPING["shipping"],
            "tax_ids": _TAX_IDS,
        },
        "client_reference_id": HOLDER,
        "client_secret": LINK,
        "url": LINK,
        "success_url": LINK,
        "cancel_url": LINK,
        "after_expiration": {"recovery": {"url": LINK}},
        "consent": {"promotions": "opt_out"},
        "custom_fields": [{"key": "note", "text": {"value": MEMO}}],
        "custom_text": {"submit": {"message": MEMO}},
        "payment_method_options": {"note": MEMO},
    },
    "promotion_codes": {"code": CODE},
}


def hers(resource: str, body: Body) -> Body:
    """The object with her words wherever Stripe has room for a person's."""
    planted = body | _COMMON | _BY_RESOURCE.get(resource, {})
    for name in ("lines", "items", "line_items"):
        entries = (body.get(name) or {}).get("data")
        if entries:
            words = [entry | {"metadata": {"memo": MEMO}, "description": NAME} for entry in entries]
            planted[name] = body[name] | {"data": words}
    return planted


def expanded(resource: str, body: Body) -> Body:
    """Her object with herself inside of it, as an old version of the API may have sent it."""
    return hers(resource, body) | {"customer": EXPANDED | {"id": body["customer"]}}
