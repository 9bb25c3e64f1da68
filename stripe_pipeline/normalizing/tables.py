"""The tables of the lake that say how each text of a contact is normalized.

A row is keyed by the text as Stripe has it, a phone number also by the country that it is read in.
`code` is the digest of the code that normalized it. Of two rows of one key the newer counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from stripe_pipeline.contacts.countries import country_code
from stripe_pipeline.contacts.languages import language_tag
from stripe_pipeline.contacts.mailboxes import mailbox_of, normalize_email
from stripe_pipeline.contacts.names import first_name, last_name
from stripe_pipeline.contacts.phone_and_email import is_valid_email, normalize_phone
from stripe_pipeline.normalizing.code import normalizing_code

CODE = "code"
BATCHES = "contact_batches"
# Up to which batch a table of Stripe's is normalized; the newest row of a resource counts.
BATCHES_SCHEMA = pa.schema(
    [
        pa.field("resource", pa.string(), nullable=False),
        pa.field("read_until", pa.int64(), nullable=False),
        pa.field(CODE, pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True)
class ContactTable:
    """A table of the lake: its key, what follows from it, and the function that says what."""

    name: str
    key: tuple[str, ...]
    given: Mapping[str, pa.DataType]
    normalize: Callable[..., tuple[Any, ...]]

    @property
    def schema(self) -> pa.Schema:
        """The columns of a batch."""
        fields = {each: pa.string() for each in self.key} | dict(self.given) | {CODE: pa.string()}
        return pa.schema(list(fields.items()))

    def rows(self, keys: Sequence[tuple[str | None, ...]]) -> pa.Table:
        """Normalize keys; return a batch of as many rows."""
        code = normalizing_code()
        rows = [(*key, *self.normalize(*key), code) for key in keys]
        columns = zip(*rows, strict=True) if rows else [()] * len(self.schema)
        arrays = [pa.array(each, to.type) for each, to in zip(columns, self.schema, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def _email(raw: str) -> tuple[str | None, str | None, bool | None]:
    email = normalize_email(raw)
    if email is None:
        return None, None, None
    return email, mailbox_of(email) or email, is_valid_email(email)


def _phone(raw: str, country: str | None) -> tuple[str | None]:
    return (normalize_phone(raw, country),)


def _name(*key: str | None) -> tuple[str | None, str | None]:
    return first_name(*key), last_name(*key)


def _country(raw: str) -> tuple[str | None]:
    return (country_code(raw),)


def _locale(raw: str) -> tuple[str | None]:
    return (language_tag(raw),)


TEXT, BOOLEAN = pa.string(), pa.bool_()
# The normalized spelling of an address is itself a key, so that it leads to its mailbox too.
EMAILS = ContactTable(
    "contact_emails",
    ("raw",),
    {"email": TEXT, "mailbox": TEXT, "is_deliverable": BOOLEAN},
    _email,
)
# `country` is a code, or null: a number without a country's is one of there.
PHONES = ContactTable("contact_phones", ("raw", "country"), {"phone": TEXT}, _phone)
NAMES = ContactTable(
    "contact_names",
    ("name", "business_name", "individual_name"),
    {"first_name": TEXT, "last_name": TEXT},
    _name,
)
COUNTRIES = ContactTable("contact_countries", ("raw",), {"country": TEXT}, _country)
LOCALES = ContactTable("contact_locales", ("raw",), {"locale": TEXT}, _locale)
# A phone number's key needs its country's code.
CONTACT_TABLES = (COUNTRIES, LOCALES, NAMES, EMAILS, PHONES)
