"""Find the addresses of customers, and the guests' payments with those addresses.

They are read from what is about to be erased, and never stored.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from stripe_pipeline.contacts.mailboxes import is_plain, mailbox_of
from stripe_pipeline.contacts.phone_and_email import normalize_phone
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erase import rows_of
from stripe_pipeline.privacy.forgotten import CUSTOMERS, account, links
from stripe_pipeline.privacy.kept_fields import SHAPES

# Tables other than customers that hold customers' addresses.
_BEARING = sorted(SHAPES.keys() - {CUSTOMERS, "invoice_payments", "promotion_codes"})
# Tables that hold guests' addresses.
_GUESTS = ("checkout_sessions", "charges")
# The last digits that are compared first: they distinguish most numbers in any notation.
_DIGITS = 6
_NO_DIGIT = re.compile(r"[^0-9]")
_ODD = re.compile(r"[^0-9 ()+./-]")
_BODY = msgspec.json.Decoder(dict[str, Any])


class _Contact(msgspec.Struct, gc=False):
    """The contact fields of a customer, or of a part of another object."""

    email: Any = None
    phone: Any = None
    address: Any = None


_CUSTOMER = msgspec.json.Decoder(_Contact)


class _Payment(msgspec.Struct, gc=False):
    """The fields of a guest's payment that hold addresses."""

    receipt_email: Any = None
    customer_email: Any = None
    billing_details: Any = None
    customer_details: Any = None

    def addresses(self, is_likely: Callable[[Any], bool]) -> set[str]:
        """Return the payment's normalised addresses of which `is_likely` is true."""
        parts = [self.billing_details, self.customer_details]
        parts = [each for each in parts if isinstance(each, dict)]
        emails = [self.receipt_email, self.customer_email, *(each.get("email") for each in parts)]
        found = _emails([each for each in emails if is_likely(each)])
        for part in parts:
            if is_likely(part.get("phone")):
                found |= _contacts(part)
        return found


_PAYMENT = msgspec.json.Decoder(_Payment)


@dataclass
class Addresses:
    """Normalised addresses: the customers' own, and all on any of their objects.

    `opted_out` are those that opted out at a Checkout, with the time (Unix seconds). `tokens` are
    the values of the customers' metadata, one of which may be the token of a device.
    """

    own: dict[str, set[str]] = field(default_factory=dict)  # by customer
    all: set[str] = field(default_factory=set)
    opted_out: dict[str, int] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)


def addresses_of(lake: Lake, customers: Collection[str]) -> Addresses:
    """Collect the addresses of customers, without those of other, undeleted customers."""
    found = Addresses()
    for row in _rows_of(lake, CUSTOMERS, customers):
        body = _BODY.decode(row["body"])
        found.all |= _addresses_in(body)
        found.own.setdefault(row["id"], set()).update(_contacts(body))
        found.tokens |= {str(each).strip() for each in (body.get("metadata") or {}).values()}
    for table in _BEARING:
        for row in _rows_of(lake, table, customers):
            body = _BODY.decode(row["body"])
            found.all |= _addresses_in(body)
            _opting_out(found, body)
            if table == "events":
                found.own.setdefault(row["customer_id"], set()).update(_former(body))
    for identifier, payment in _guests(lake, set(customers) - found.own.keys()):
        body = _BODY.decode(payment)
        found.all |= _addresses_in(body)
        found.own.setdefault(identifier, set()).update(_PAYMENT.decode(payment).addresses(bool))
        _opting_out(found, body)
    shared = _addresses_of_others(lake, customers, found.all)
    found.all -= shared
    found.own = {each: addresses - shared for each, addresses in found.own.items()}
    _opting_out_as_guests(lake, found)
    return found


def payments_of(
    lake: Lake, customers: Collection[str], own: dict[str, set[str]]
) -> dict[str, set[str]]:
    """Return the ids of the customers' payments, and of guests' with one of their `own` addresses.

    The ids of the customers' Accounts (of Accounts v2) are included.
    """
    found: dict[str, set[str]] = {each: set() for each in customers}
    for row in _rows_of(lake, CUSTOMERS, customers):
        found[row["id"]] |= {named for named in [account(CUSTOMERS, row["body"])] if named}
    owner_of = {address: each for each, addresses in own.items() for address in addresses}
    is_likely = _likely(owner_of)
    # A session's payment intent links it to a charge without an address.
    for table in _GUESTS:
        for row in _rows_of(lake, table, customers):
            found[row["customer_id"]] |= links(table, row["body"])
        for body in _ownerless_bodies(lake, table):
            theirs = links(table, body)
            named = _PAYMENT.decode(body).addresses(is_likely) & owner_of.keys()
            owners = {owner_of[each] for each in named} | (theirs & found.keys())
            owners |= {each for each, objects in found.items() if not theirs.isdisjoint(objects)}
            for owner in owners:
                found[owner] |= theirs
    return found


def _opting_out_as_guests(lake: Lake, found: Addresses) -> None:
    """Add the opt-outs at Checkouts of guests with one of the customers' own addresses."""
    theirs = {address for addresses in found.own.values() for address in addresses}
    is_likely = _likely(theirs)
    for session in _ownerless_bodies(lake, "checkout_sessions") if theirs else ():
        if not theirs.isdisjoint(_PAYMENT.decode(session).addresses(is_likely)):
            _opting_out(found, _BODY.decode(session))


def _guests(lake: Lake, payments: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield (id, body) of the guests' payments with one of these ids, and of linked payments."""
    found: dict[str, set[str]] = {}
    for body in _bodies_of_guests(lake) if payments else ():
        theirs = links("charges", body)
        found |= {each: theirs | found.get(each, set()) for each in theirs.intersection(payments)}
    for body in _bodies_of_guests(lake) if found else ():
        theirs = links("charges", body)
        for identifier, objects in found.items():
            if not theirs.isdisjoint(objects):
                yield identifier, body


def _former(event: dict[str, Any]) -> set[str]:
    """Return the addresses that a customer had before and at the time of an event."""
    data = event.get("data") or {}
    about, before = data.get("object") or {}, data.get("previous_attributes") or {}
    if about.get("object") != "customer":
        return set()
    return _contacts(about) | _contacts({"address": about.get("address"), **before})


def _opting_out(found: Addresses, body: dict[str, Any]) -> None:
    """Add the address of a Checkout session that opted out of promotions."""
    consent, details = body.get("consent"), body.get("customer_details")
    if isinstance(consent, dict) and consent.get("promotions") == "opt_out":
        for email in _emails([details.get("email")] if isinstance(details, dict) else []):
            found.opted_out[email] = max(body.get("created") or 0, found.opted_out.get(email, 0))


def _addresses_in(value: Any, country: Any = None) -> set[str]:
    """Return all email addresses and phone numbers in an object, normalised.

    The nearest country in the object determines the country code of a number.
    """
    if isinstance(value, list):
        return {each for entry in value for each in _addresses_in(entry, country)}
    if not isinstance(value, dict):
        return set()
    country = _country(value) or country
    found = set[str]()
    for name, inner in value.items():
        if isinstance(inner, str):
            found |= _emails([inner]) if "email" in name else set()
            found |= _phones(inner, country) if "phone" in name else set()
        else:
            # Previous attributes belong to the event's object, and so to its country.
            beside = _country(value.get("object")) if name == "previous_attributes" else None
            found |= _addresses_in(inner, beside or country)
    return found


def _country(part: Any) -> Any:
    """Return the country of an object's address, in any field whose name ends in address."""
    addresses = part.items() if isinstance(part, dict) else ()
    found = [each.get("country") for name, each in addresses
             if name.endswith("address") and isinstance(each, dict)]  # fmt: skip
    return next((each for each in found if each), None)


def _contacts(part: dict[str, Any]) -> set[str]:
    """Return the normalised email and phone of a part of an object, the phone by its country."""
    return _emails([part.get("email")]) | _phones(part.get("phone"), _country(part))


def _emails(texts: list[Any]) -> set[str]:
    found = (mailbox_of(text) for text in texts if isinstance(text, str))
    return {each for each in found if each}


def _phones(text: Any, country: Any) -> set[str]:
    if not isinstance(text, str):
        return set()
    phone = normalize_phone(text, country if isinstance(country, str) else None)
    return {phone} if phone else set()


def _addresses_of_others(
    lake: Lake, customers: Collection[str], wanted: Collection[str]
) -> set[str]:
    """Return the wanted addresses in the newest version of another, undeleted customer."""
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
    """Return a cheap filter for texts that may be one of these addresses."""
    ends = {each[-_DIGITS:] for each in wanted if each.startswith("+")}

    def is_likely(text: Any) -> bool:
        if not isinstance(text, str) or not text:
            return False
        if "@" in text:
            spelled = text.strip().lower()
            return not is_plain(spelled) or spelled in wanted
        # An extension follows the number after a letter or a sign, so the last digits aren't its.
        is_number = not _ODD.search(text)
        return not is_number or _NO_DIGIT.sub("", text)[-_DIGITS:] in ends

    return is_likely


def _rows_of(lake: Lake, table: str, customers: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield all versions of the objects of these customers, with id, customer_id and body."""
    owners = pa.array(sorted(customers), pa.string())
    for batch in lake.batches(table):
        for part in rows_of(
            batch, owners, with_ownerless=False, columns=["id", "customer_id", "body"]
        ):
            yield from part.to_pylist()


def _bodies_of_guests(lake: Lake) -> Iterator[bytes]:
    for table in _GUESTS:
        yield from _ownerless_bodies(lake, table)


def _ownerless_bodies(lake: Lake, table: str) -> Iterator[bytes]:
    for batch in lake.batches(table):
        for part in rows_of(
            batch, pa.array([], pa.string()), with_ownerless=True, columns=["body"]
        ):
            yield from part["body"].cast(pa.binary()).to_pylist()
