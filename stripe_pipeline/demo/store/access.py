"""Authentication and authorization: keys, their modes and permissions, and the API version."""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from stripe_pipeline.demo.store import errors
from stripe_pipeline.demo.store.world import API_VERSION

# Not a secret: the demo store takes it and no real account does.
DEMO_KEY = "rk_test_demoFernwehCoffee0000"

# Keys and the permissions that each lacks, e.g. {"rk_test_...": {"charge_read"}}.
Keys = Mapping[str, Collection[str]]

VERSION = re.compile(r"20\d\d-[01]\d-[0-3]\d(\.(acacia|basil|clover|dahlia|endive|preview))?")


@dataclass(frozen=True)
class Caller:
    """The sender of a request: a key of the account, and the permissions that it lacks."""

    key: str
    denied: frozenset[str]

    @property
    def livemode(self) -> bool:
        """Whether the key is a live one; then objects say so."""
        return "_live_" in self.key

    def allow(self, permission: str) -> None:
        """Refuse a permission that a restricted key lacks.

        Raises:
            StripeError: 403, naming the permission.
        """
        if permission in self.denied:
            raise errors.forbidden(self.key, permission)


def authenticate(header: str | None, keys: Keys, expired: Collection[str] = ()) -> Caller:
    """Return the caller by the Authorization header, Bearer or Basic.

    Raises:
        StripeError: 401, no key, a malformed header, or a key that isn't this account's.
    """
    key = key_in(header)
    if key.startswith("pk_"):
        raise errors.publishable_key()
    if key in expired:
        raise errors.expired_key(key)
    if key not in keys:
        raise errors.wrong_key(key)
    return Caller(key, frozenset(keys[key]))


def key_in(header: str | None) -> str:
    """Return the key in an Authorization header.

    Raises:
        StripeError: 401, there is none.
    """
    scheme, _, value = (header or "").partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        value = _user_name(value)
    elif scheme.lower() != "bearer":
        value = ""
    if not value:
        raise errors.no_key()
    return value


def _user_name(encoded: str) -> str:
    """Return the user name of Basic authentication, which is the key; the password is empty."""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def version(header: str | None) -> str:
    """Return the API version for the answer: the one requested, by default the newest.

    Raises:
        StripeError: 400, no such version.
    """
    if header is None:
        return API_VERSION
    if not VERSION.fullmatch(header):
        raise errors.StripeError(
            400,
            f"Invalid Stripe API version: {header}. You may have mistyped the version. See "
            "https://docs.stripe.com/upgrades for the versions that exist.",
        )
    return header
