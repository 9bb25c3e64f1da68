"""Find the addresses of customers, and the guests' payments that bear them.

They are looked for in what is about to be erased, and never written down.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from stripe_pipeline.activation.addresses import normalize_email
from stripe_pipeline.contacts.phone_and_email import normalize_phone
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.columns import column
from stripe_pipeline.lake.erase import rows_of
from stripe_pipeline.stripe_api.erasure.forgotten import CUSTOMERS, links

# Where the addresses of a customer stand beside the customer.
_BEARING = ("charges", "checkout_sessions", "invoices")
# A few last digits tell most numbers apart, however they are written.
_DIGITS = 6
_NO_DIGIT = re.compile(r"[^0-9]")
_ODD = re.compile(r"[^0-9 ()+./-]")
_BODY = msgspec.json.Decoder(dict[str, Any])


class _Contact(msgspec.Struct, gc=False):
    """What a customer and a part of an object with contact fields have in common."""

    email: Any = None
    phone: Any = None
    address: Any = None


_CUSTOMER = msgspec.json.Decoder(_Contact)


class _Payment(msgspec.Struct, gc=False):
    """Where a guest's payment names an address."""

    receipt_email: Any = None
    customer_email: Any = None
    billing_details: Any = None
    customer_details: Any = None

    def emails(self) -> set[str]:
        parts = [self.billing_details, self.customer_details]
        nested = [each.get("email") for each in parts if isinstance(each, dict)]
        return _emails([self.receipt_email, self.customer_email, *nested])


_PAYMENT = msgspec.json.Decoder(_Payment)


@dataclass
class Addresses:
    """Normalised addresses: those of the customers themselves, and all on anything of theirs.

    `opted_out` are those of theirs that said no at a Checkout, with the time (Unix seconds).
    """

    own: dict[str, set[str]] = field(default_factory=dict)  # emails, by customer
    all: set[str] = field(default_factory=set)
    opted_out: dict[str, int] = field(default_factory=dict)


def addresses_of(lake: Lake, customers: Collection[str]) -> Addresses:
    """Collect the addresses of customers, without those that a living customer has too."""
    found = Addresses()
    for row in _rows_of(lake, CUSTOMERS, customers):
        contact = _BODY.decode(row["body"])
        found.all |= _contacts(contact) | _contacts(contact.get("shipping"), contact)
        found.own.setdefault(row["id"], set()).update(_emails([contact.get("email")]))
    for table in _BEARING:
        for row in _rows_of(lake, table, customers):
            body = _BODY.decode(row["body"])
            _bearing(found, body)
            _opting_out(found, body)
    shared = _addresses_of_others(lake, customers, found.all)
    found.all -= shared
    found.own = {each: emails - shared for each, emails in found.own.items()}
    theirs = {email for emails in found.own.values() for email in emails}
    for session in _bodies_of_nobody(lake, "checkout_sessions") if theirs else ():
        if not theirs.isdisjoint(_PAYMENT.decode(session).emails()):
            _opting_out(found, _BODY.decode(session))
    return found


def payments_of(
    lake: Lake, customers: Collection[str], own: dict[str, set[str]]
) -> dict[str, set[str]]:
    """Return the ids of the customers' payments, and of those that guests made under `own`."""
    owner_of = {email: each for each, emails in own.items() for email in emails}
    found: dict[str, set[str]] = {each: set() for each in customers}
    # A session's intent leads to a charge that names nobody.
    for table in ("checkout_sessions", "charges"):
        for row in _rows_of(lake, table, customers):
            found[row["customer_id"]] |= links(table, row["body"])
        for body in _bodies_of_nobody(lake, table):
            theirs = links(table, body)
            owners = {owner_of[each] for each in _PAYMENT.decode(body).emails() & owner_of.keys()}
            owners |= {each for each, objects in found.items() if not theirs.isdisjoint(objects)}
            for owner in owners:
                found[owner] |= theirs
    return found


def _bearing(found: Addresses, body: dict[str, Any]) -> None:
    details = body.get("customer_details")
    found.all |= _contacts(details) | _contacts(body.get("billing_details"))
    found.all |= _emails([body.get("receipt_email"), body.get("customer_email")])
    country = {"address": body.get("customer_address")}
    found.all |= _contacts({"phone": body.get("customer_phone"), **country})
    for part in ("shipping", "customer_shipping", "shipping_details"):
        found.all |= _contacts(body.get(part))


def _opting_out(found: Addresses, body: dict[str, Any]) -> None:
    """Note that a session's address doesn't want to hear from the shop."""
    consent, details = body.get("consent"), body.get("customer_details")
    if isinstance(consent, dict) and consent.get("promotions") == "opt_out":
        for email in _emails([details.get("email")] if isinstance(details, dict) else []):
            found.opted_out[email] = max(body.get("created") or 0, found.opted_out.get(email, 0))


def _contacts(part: Any, beside: Any = None) -> set[str]:
    """The email and phone of a part of an object; its country, or the other's, says which."""
    if not isinstance(part, dict):
        return set()
    country = None
    for each in (part, beside):
        address = each.get("address") if isinstance(each, dict) else None
        country = country or (address.get("country") if isinstance(address, dict) else None)
    return _emails([part.get("email")]) | _phones(part.get("phone"), country)


def _emails(texts: list[Any]) -> set[str]:
    found = (normalize_email(text) for text in texts if isinstance(text, str))
    return {each for each in found if each}


def _phones(text: Any, country: Any) -> set[str]:
    if not isinstance(text, str):
        return set()
    phone = normalize_phone(text, country if isinstance(country, str) else None)
    return {phone} if phone else set()


def _addresses_of_others(
    lake: Lake, customers: Collection[str], wanted: Collection[str]
) -> set[str]:
    """Which of these addresses the newest version of another, living customer has."""
    theirs: dict[str, set[str]] = {}
    if not wanted:
        return set()
    looks_wanted = _likely(wanted)
    for part in lake.read(CUSTOMERS, ["id", "body"]):
        for identifier, body in zip(part["id"].to_pylist(), part["body"].to_pylist(), strict=True):
            if identifier in customers:
                continue
            contact = _CUSTOMER.decode(body)
            has = set[str]()
            if looks_wanted(contact.email) or looks_wanted(contact.phone):
                has = _contacts(msgspec.to_builtins(contact)) & set(wanted)
            if has or identifier in theirs:
                theirs[identifier] = has
    return {each for has in theirs.values() for each in has}


def _likely(wanted: Collection[str]) -> Callable[[Any], bool]:
    """Tell cheaply of which texts it isn't worth asking whether they are one of these addresses."""
    ends = {each[-_DIGITS:] for each in wanted if each.startswith("+")}

    def is_likely(text: Any) -> bool:
        if not isinstance(text, str) or not text:
            return False
        if "@" in text:
            plain = text.isascii() and text.isprintable()
            return not plain or text.strip().lower() in wanted
        # An extension stands behind the number, after a letter or a sign.
        is_number = not _ODD.search(text)
        return not is_number or _NO_DIGIT.sub("", text)[-_DIGITS:] in ends

    return is_likely


def _rows_of(lake: Lake, table: str, customers: Collection[str]) -> Iterator[dict[str, Any]]:
    """The versions of the objects that name one of the customers."""
    owners = column(sorted(customers), pa.string())
    for batch in lake.batches(table):
        for part in rows_of(batch, owners, or_nobodys=False, columns=["id", "customer_id", "body"]):
            yield from part.to_pylist()


def _bodies_of_nobody(lake: Lake, table: str) -> Iterator[bytes]:
    for batch in lake.batches(table):
        for part in rows_of(batch, column([], pa.string()), or_nobodys=True, columns=["body"]):
            yield from part["body"].cast(pa.binary()).to_pylist()
